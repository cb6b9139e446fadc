// Azurite, the storage emulator, inside this process. Its constructors are positional and undocumented: they
// are called here and nowhere else, and the types below are ours.
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

export interface Emulator {
  /** For `STORAGE_CONNECTION_STRING`: the emulator's well-known account, blob and queue service only. */
  readonly connectionString: string;
  /** Takes no more requests, writes what is in memory to the data folder, frees the ports. Again does nothing. */
  stop(): Promise<void>;
}

interface EmulatorOptions {
  /** Folder in which everything survives a restart; it is made when missing. Without it all is in memory. */
  readonly dataDir?: string;
  /** PEM files. With them it speaks HTTPS alone, and takes bearer tokens: their claims are checked, not who signed them. */
  readonly https?: { readonly certificate: string; readonly key: string };
}

interface Server {
  start(): Promise<void>;
  close(): Promise<void>;
  getHttpServerAddress(): string;
}

type NewServer = new (configuration: object) => Server;
type NewConfiguration = new (...positional: unknown[]) => object;
type NewMemory = new (limitBytes?: number) => object;

// Azurite's documented account; it is no secret and opens nothing but an emulator.
const accountName = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

const host = '127.0.0.1';
const keepAliveSeconds = 5;
/** Files that Azurite keeps open for appending, at most; its own default. */
const writersPerFolder = 50;

/**
 * Starts a blob and a queue server, each on a free loopback port. Several may run in one process. Telemetry,
 * access log and debug log are off; API versions are checked strictly, as Azure does.
 */
export async function startAzurite(options: EmulatorOptions = {}): Promise<Emulator> {
  if (options.dataDir !== undefined) await mkdir(options.dataDir, { recursive: true });
  const memory = newMemory();
  const servers: Server[] = [];
  try {
    for (const service of ['blob', 'queue'] as const) {
      const server = newServer(service, options, memory);
      await server.start();
      servers.push(server);
    }
  } catch (error) {
    await closeAll(servers);
    throw error;
  }
  let stopped: Promise<void> | undefined;
  return {
    connectionString: connectionString(servers),
    stop: () => {
      stopped ??= closeAll(servers);
      return stopped;
    },
  };
}

function newServer(service: 'blob' | 'queue', { dataDir, https }: EmulatorOptions, memory: object): Server {
  const folder = dataDir ?? '';
  const configuration = new (load<NewConfiguration>(service, 'Configuration'))(
    host,
    0, // any free port
    keepAliveSeconds,
    join(folder, `${service}-index.json`),
    join(folder, `${service}-extents.json`),
    [{ locationId: 'Default', locationPath: join(folder, service), maxConcurrency: writersPerFolder }],
    false, // access log
    undefined, // where to
    false, // debug log
    undefined, // where to
    false, // loose: take headers and parameters that Azurite does not support
    false, // skip the API version check
    https?.certificate ?? '',
    https?.key ?? '',
    '', // its password
    https && 'basic', // OAuth level
    false, // disable product-style URLs
    dataDir === undefined, // in memory
    memory, // of its own, or two emulators in one process would share their extents
  );
  return new (load<NewServer>(service, 'Server'))(configuration);
}

function load<T>(service: 'blob' | 'queue', part: 'Configuration' | 'Server'): T {
  const name = service === 'blob' ? 'Blob' : 'Queue';
  const loaded: { default: T } = require(`azurite/dist/src/${service}/${name}${part}`);
  return loaded.default;
}

function newMemory(): object {
  const loaded: { MemoryExtentChunkStore: NewMemory } =
    require('azurite/dist/src/common/persistence/MemoryExtentStore');
  return new loaded.MemoryExtentChunkStore();
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map((server) => server.close()));
}

function connectionString(servers: readonly Server[]): string {
  const [blob, queue] = servers.map((server) => `${server.getHttpServerAddress()}/${accountName}`);
  return [
    `DefaultEndpointsProtocol=${blob?.split(':', 1)[0]}`,
    `AccountName=${accountName}`,
    `AccountKey=${accountKey}`,
    `BlobEndpoint=${blob}`,
    `QueueEndpoint=${queue}`,
    '',
  ].join(';');
}
