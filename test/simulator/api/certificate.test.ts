import { createPrivateKey, X509Certificate } from 'node:crypto'
import { expect, it } from 'vitest'
import { createCertificate } from '../../../src/simulator/api/certificate.ts'

it('makes a certificate that is its own authority, for the loopback names and for thirty years', async () => {
  const { key, cert } = await createCertificate()
  const read = new X509Certificate(cert)
  expect(read.verify(read.publicKey)).toBe(true)
  expect(read.checkIssued(read)).toBe(true)
  expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true)
  expect(read.ca).toBe(true)
  expect(read.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
  expect(read.subjectAltName).toBe(
    'DNS:localhost, DNS:kubernetes, DNS:kubernetes.default.svc, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:10.96.0.1',
  )
  expect(Date.parse(read.validFrom)).toBe(Date.UTC(2024, 0, 1))
  expect(Date.parse(read.validTo)).toBe(Date.UTC(2054, 0, 1))
})

it('gives each cluster a key and a serial number of its own', async () => {
  const made = await Promise.all([createCertificate(), createCertificate()])
  const [first, second] = made.map(({ cert }) => new X509Certificate(cert))
  expect(first?.serialNumber).not.toBe(second?.serialNumber)
  expect(first?.fingerprint256).not.toBe(second?.fingerprint256)
})
