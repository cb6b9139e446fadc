// Ending a process of ours for good, where nobody asks for its exit code.

/**
 * Ends this process at once; whatever has to be written must have been. Node's own exit waits for V8's background
 * threads, and one that compiles just then can keep it waiting for ever (github.com/nodejs/node/issues/54918): a
 * process that nobody watches must not take that chance.
 */
export function endProcess(): never {
  process.kill(process.pid, 'SIGKILL');
  // The first process of a container is out of reach of its own signals, and its platform is watching.
  process.exit(1);
}
