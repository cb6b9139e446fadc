// A thread of the engine process that ends it when its parent is gone. The main thread would only notice after the
// inference that it is in, and until then compete with its successor for memory and for the GPU.

const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, 1_000);
