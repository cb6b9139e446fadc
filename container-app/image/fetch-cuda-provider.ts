// Fetches the files by which ONNX Runtime drives CUDA, which are too large for the npm registry.
//
//   node container-app/image/fetch-cuda-provider.ts FOLDER [SHA256]
//
// They come from the NuGet package of the same version as onnxruntime-node: its own installer takes them from there, and
// nuget.org lets nobody replace a version. Without a digest its TLS certificate is what we trust, and the digest that we
// found is printed: given to the next build, it holds that one to the same bytes. ORT_CUDA_URL names a mirror.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import onnxruntime from 'onnxruntime-node/package.json' with { type: 'json' };
import yauzl from 'yauzl';

/** In the package. There is a third one, for TensorRT, which would need 2 GB of libraries more. */
const wanted = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'].map(
  (name) => `runtimes/linux-x64/native/${name}`,
);

/** Of the package of a version. */
function addressOf(version: string): string {
  const name = 'microsoft.ml.onnxruntime.gpu.linux';
  return `https://api.nuget.org/v3-flatcontainer/${name}/${version}/${name}.${version}.nupkg`;
}

/**
 * @param expected SHA-256 of the package in hex; empty where it is not known yet.
 * @returns the SHA-256 of the package.
 * @throws Error when it cannot be had, is another one than expected, or lacks a file.
 */
export async function fetchCudaProvider(url: string, folder: string, expected: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`Expected a package at ${url}, received HTTP ${response.status}`);
  const archive = Buffer.from(await response.arrayBuffer());
  const found = createHash('sha256').update(archive).digest('hex');
  if (expected !== '' && expected.toLowerCase() !== found) {
    throw new Error(`Expected the SHA-256 ${expected}, for ${url}, received ${found}`);
  }
  await mkdir(folder, { recursive: true });
  await unpack(archive, folder, url);
  return found;
}

async function unpack(archive: Buffer, folder: string, url: string): Promise<void> {
  const missing = new Set(wanted);
  const zip = await yauzl.fromBufferPromise(archive, { lazyEntries: true });
  for await (const entry of zip.eachEntry()) {
    if (!missing.delete(entry.fileName)) continue;
    const file = createWriteStream(join(folder, basename(entry.fileName)), { mode: 0o755 });
    await pipeline(await zip.openReadStreamPromise(entry), file);
  }
  if (missing.size > 0) throw new Error(`Expected ${[...missing].join(', ')}, in ${url}, found no such file`);
}

if (import.meta.main) {
  const [folder, expected = ''] = process.argv.slice(2);
  if (folder === undefined) throw new Error('Expected a folder, for the CUDA provider, received none');
  const url = process.env.ORT_CUDA_URL || addressOf(onnxruntime.version);
  const found = await fetchCudaProvider(url, folder, expected);
  const how = expected === '' ? 'trusted by TLS; to pin it: ' : 'as expected: ';
  console.log(`${url} ${how}--build-arg ORT_CUDA_SHA256=${found}`);
}
