import { createPrivateKey, X509Certificate } from 'node:crypto'
import { expect, it } from 'vitest'
import { createCertificate } from '../../../src/simulator/api/certificate.ts'
import { der } from '../../../src/simulator/api/der.ts'

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

it('writes values as the rules have it', () => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  expect(hex(der.integer(Buffer.of(0, 0)))).toBe('020100')
  expect(hex(der.integer(Buffer.of(0, 0x7f)))).toBe('02017f')
  expect(hex(der.integer(Buffer.of(0x80)))).toBe('02020080')
  // The example of X.690 has 113549 in two bytes and one more.
  expect(hex(der.objectIdentifier('1.2.840.113549'))).toBe('06062a864886f70d')
  expect(hex(der.octetString(Buffer.alloc(200)).subarray(0, 3))).toBe('0481c8')
  expect(hex(der.octetString(Buffer.alloc(300)).subarray(0, 4))).toBe('0482012c')
  expect(der.time(new Date(Date.UTC(2049, 11, 31, 23, 59, 59))).toString('latin1')).toBe(
    '\x17\r491231235959Z',
  )
  expect(der.time(new Date(Date.UTC(2050, 0, 1))).toString('latin1')).toBe(
    '\x18\x0f20500101000000Z',
  )
})
