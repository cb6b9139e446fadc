// The ingestion endpoint of Application Insights on a local socket, for tests: it keeps what it is sent.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { makeCertificate } from './certificate.ts';

const envelopeSchema = z.object({
  name: z.string(),
  tags: z.record(z.string(), z.string()),
  data: z.object({
    baseType: z.string().optional(),
    baseData: z.object({ name: z.string().optional(), id: z.string().optional() }).loose(),
  }),
});
export type Envelope = z.infer<typeof envelopeSchema>;

export interface FakeIngestion {
  /** For a process whose telemetry is to come here. */
  readonly environment: {
    readonly APPLICATIONINSIGHTS_CONNECTION_STRING: string;
    readonly NODE_EXTRA_CA_CERTS: string;
  };
  /** The bodies of all requests so far. */
  readonly bodies: readonly string[];
  /** What they held. */
  envelopes(): Envelope[];
  /** What they had to show for themselves. */
  readonly authorizations: ReadonlySet<string | undefined>;
  /** Names of all metrics that have come. */
  metricNames(): Set<string>;
  stop(): Promise<void>;
}

/** Over TLS, as the exporter takes nothing else, with a certificate that the environment makes known. */
export async function startFakeIngestion(): Promise<FakeIngestion> {
  const made = await makeCertificate();
  const bodies: string[] = [];
  const authorizations = new Set<string | undefined>();
  const server = createServer(made, async (request, response) => {
    const body = await buffer(request);
    bodies.push(String(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body));
    authorizations.add(request.headers.authorization);
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ itemsReceived: 1, itemsAccepted: 1, errors: [] }));
  });
  await once(server.listen(0, 'localhost'), 'listening');
  const folder = await mkdtemp(join(tmpdir(), 'ingestion-'));
  const certificate = join(folder, 'certificate.pem');
  await writeFile(certificate, made.cert);
  const { port } = server.address() as AddressInfo;
  const address = `IngestionEndpoint=https://localhost:${port}/`;
  return {
    environment: {
      APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=${randomUUID()};${address}`,
      NODE_EXTRA_CA_CERTS: certificate,
    },
    bodies,
    authorizations,
    envelopes: () => bodies.flatMap((body) => z.array(envelopeSchema).parse(JSON.parse(body))),
    metricNames: () =>
      new Set(
        bodies.flatMap((body) =>
          [...body.matchAll(/"name":"(impasto[\w.]+)"/g)].map(([, name]) => `${name}`),
        ),
      ),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}
