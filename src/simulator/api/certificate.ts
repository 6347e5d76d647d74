/** A TLS key and certificate as PEM. Never logged. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

// Fixed dates: whether a client accepts the certificate must not depend on the simulated clock.
const NOT_BEFORE = new Date(Date.UTC(2024, 0, 1))
const NOT_AFTER = new Date(Date.UTC(2054, 0, 1))

/**
 * A self-signed certificate for this computer's loopback names, its own authority. About 10 ms of work after the library is
 * loaded; keep it (`Certificate` goes in and out of files) and neither is needed next time.
 */
export async function createCertificate(): Promise<Certificate> {
  const { default: selfsigned } = await import('selfsigned')
  const { private: key, cert } = await selfsigned.generate(
    [{ name: 'commonName', value: 'netpol-lab-simulated-cluster' }],
    {
      keyType: 'ec',
      curve: 'P-256',
      algorithm: 'sha256',
      notBeforeDate: NOT_BEFORE,
      notAfterDate: NOT_AFTER,
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: 'localhost' },
            { type: 2, value: 'kubernetes' },
            { type: 2, value: 'kubernetes.default.svc' },
            { type: 7, ip: '127.0.0.1' },
            { type: 7, ip: '::1' },
            { type: 7, ip: '10.96.0.1' },
          ],
        },
      ],
    },
  )
  return { key, cert }
}
