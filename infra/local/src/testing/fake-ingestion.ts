// What Application Insights is to an exporter, for tests: it takes envelopes over HTTPS, the only way in which they are sent,
// and keeps them.
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { generate } from 'selfsigned';
import { z } from 'zod';

const envelopeSchema = z.object({
  name: z.string(),
  tags: z.record(z.string(), z.string()),
  data: z.object({
    baseType: z.string().optional(),
    baseData: z.object({ name: z.string().optional(), id: z.string().optional() }).loose(),
  }),
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** @param certificateFile is written: who sends has to trust it, by NODE_EXTRA_CA_CERTS. */
export async function startFakeIngestion(certificateFile: string) {
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  await writeFile(certificateFile, cert);
  const envelopes: Envelope[] = [];
  const authorizations = new Set<string | undefined>();
  const server = createServer({ key, cert }, async (request, response) => {
    const body = await buffer(request);
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
    const taken = z.array(envelopeSchema).parse(JSON.parse(text));
    authorizations.add(request.headers.authorization);
    envelopes.push(...taken);
    const answer = { itemsReceived: taken.length, itemsAccepted: taken.length, errors: [] };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    connectionString: `InstrumentationKey=7f9f0c0b-1f3a-4f0e-8d8b-3e2d7a440a53;IngestionEndpoint=https://127.0.0.1:${port}/`,
    envelopes,
    /** What the requests had to show for themselves. */
    authorizations,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
