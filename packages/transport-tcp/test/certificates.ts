import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'

// Certificates for tests, written by hand in DER, so that neither a program nor a package is needed for it.

/** A certificate and its key, as PEM. */
export interface Credentials {
  readonly cert: string
  readonly key: string
}

/** What a certificate says. */
export interface CertificateOptions {
  /** The common name. */
  readonly name: string
  /** DNS names and IP addresses. */
  readonly hosts?: readonly string[]
  /** For servers, for clients, or for both, which is the default. */
  readonly usage?: 'server' | 'client'
  readonly notBefore?: Date
  readonly notAfter?: Date
}

const day = 86_400_000

/** Signs certificates. */
export class Authority {
  readonly cert: string
  readonly #name: string
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  readonly #revoked: Buffer[] = []
  readonly #serials = new Map<string, Buffer>()

  constructor(name = 'test authority') {
    this.#name = name
    const extensions = [
      extension('551d13', sequence(boolean(true)), true),
      extension('551d0f', tag(0x03, Buffer.of(1, 0x06)), true),
      extension('551d0e', tag(0x04, this.#keyIdentifier)),
    ]
    this.cert = this.#sign({ name, publicKey: this.#keys.publicKey, extensions, dates: validity({ name }) }).pem
  }

  /** A certificate that this authority signed. */
  issue(options: CertificateOptions): Credentials {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const usages = { server: ['2b06010505070301'], client: ['2b06010505070302'] }
    const usage = options.usage === undefined ? [...usages.server, ...usages.client] : usages[options.usage]
    const extensions = [
      extension('551d13', sequence(), true),
      extension('551d25', sequence(...usage.map((id) => tag(0x06, Buffer.from(id, 'hex'))))),
      extension('551d23', sequence(tag(0x80, this.#keyIdentifier))),
    ]
    const hosts = options.hosts ?? []
    if (hosts.length > 0) extensions.push(extension('551d11', sequence(...hosts.map(generalName))))
    const { pem, serial } = this.#sign({ name: options.name, publicKey, extensions, dates: validity(options) })
    this.#serials.set(pem, serial)
    return { cert: pem, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string }
  }

  /** Takes a certificate back, and returns the list of all that were. */
  revoke({ cert }: Credentials): string {
    this.#revoked.push(this.#serials.get(cert)!)
    const now = time(new Date(Date.now() - day))
    const list = sequence(
      tag(0x02, Buffer.of(1)),
      ecdsaWithSHA256,
      distinguishedName(this.#name),
      now,
      time(new Date(Date.now() + day)),
      sequence(...this.#revoked.map((serial) => sequence(tag(0x02, serial), now))),
      tag(
        0xa0,
        sequence(
          extension('551d23', sequence(tag(0x80, this.#keyIdentifier))),
          extension('551d14', tag(0x02, Buffer.of(1))),
        ),
      ),
    )
    return pemOf('X509 CRL', this.#signed(list))
  }

  get #keyIdentifier(): Buffer {
    return createHash('sha1')
      .update(this.#keys.publicKey.export({ type: 'spki', format: 'der' }))
      .digest()
  }

  #sign(subject: { name: string; publicKey: KeyObject; extensions: Buffer[]; dates: Buffer }): {
    pem: string
    serial: Buffer
  } {
    const serial = Buffer.concat([Buffer.of(1), randomBytes(8)])
    const certificate = sequence(
      tag(0xa0, tag(0x02, Buffer.of(2))),
      tag(0x02, serial),
      ecdsaWithSHA256,
      distinguishedName(this.#name),
      subject.dates,
      distinguishedName(subject.name),
      subject.publicKey.export({ type: 'spki', format: 'der' }),
      tag(0xa3, sequence(...subject.extensions)),
    )
    return { pem: pemOf('CERTIFICATE', this.#signed(certificate)), serial }
  }

  #signed(content: Buffer): Buffer {
    const signature = sign('sha256', content, this.#keys.privateKey)
    return sequence(content, ecdsaWithSHA256, tag(0x03, Buffer.concat([Buffer.of(0), signature])))
  }
}

const ecdsaWithSHA256 = sequence(tag(0x06, Buffer.from('2a8648ce3d040302', 'hex')))

function validity({
  notBefore = new Date(Date.now() - day),
  notAfter = new Date(Date.now() + day),
}: CertificateOptions): Buffer {
  return sequence(time(notBefore), time(notAfter))
}

function distinguishedName(name: string): Buffer {
  const attribute = sequence(tag(0x06, Buffer.from('550403', 'hex')), tag(0x0c, Buffer.from(name)))
  return sequence(tag(0x31, attribute))
}

function generalName(host: string): Buffer {
  if (isIP(host) === 4) return tag(0x87, Buffer.from(host.split('.').map(Number)))
  if (host === '::1') return tag(0x87, Buffer.concat([Buffer.alloc(15), Buffer.of(1)]))
  return tag(0x82, Buffer.from(host))
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  const parts = [tag(0x06, Buffer.from(id, 'hex')), ...(critical ? [boolean(true)] : []), tag(0x04, value)]
  return sequence(...parts)
}

function boolean(value: boolean): Buffer {
  return tag(0x01, Buffer.of(value ? 0xff : 0))
}

function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return tag(0x18, Buffer.from(digits))
}

function sequence(...parts: Buffer[]): Buffer {
  return tag(0x30, Buffer.concat(parts))
}

function tag(type: number, content: Buffer): Buffer {
  const { length } = content
  if (length < 128) return Buffer.concat([Buffer.of(type, length), content])
  if (length < 256) return Buffer.concat([Buffer.of(type, 0x81, length), content])
  return Buffer.concat([Buffer.of(type, 0x82, length >> 8, length & 0xff), content])
}

function pemOf(label: string, der: Buffer): string {
  return `-----BEGIN ${label}-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`
}
