// Certificates for servers of tests that speak TLS.

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A certificate for `name`, signed by nobody. */
export async function makeCertificate(
  name = 'localhost',
  endsAt = new Date('2100-01-01'),
): Promise<Certificate> {
  // It loads slowly, and most tests that come in by the same door need none.
  const { generate } = await import('selfsigned');
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date('2020-01-01'),
    notAfterDate: endsAt,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
  });
  return { key, cert };
}
