import type { X509Certificate } from 'node:crypto'
import type { ServerAddress, ServerID } from '@raft/core'
import type { Awaitable } from '@raft/core'

/** How connections are encrypted, and who may make them. Keys and certificates are PEM. */
export interface TLSOptions {
  /** This server's certificate, with those that it depends on after it. */
  readonly cert: string | Uint8Array
  /** The certificate's private key. */
  readonly key: string | Uint8Array
  /** Opens `key`, if it is encrypted. */
  readonly passphrase?: string | undefined
  /** Who is trusted to have signed the others' certificates. Default: whom the platform trusts, which is seldom right. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /** Certificates that are no longer valid, as PEM lists. */
  readonly crl?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /** Whether those who connect have to show a certificate that `ca` has signed (mTLS). Default true. */
  readonly mutual?: boolean | undefined
  /**
   * A name that the certificate of every server of the cluster bears, and no other certificate of the same `ca`, for
   * example `server.raft.internal`. It is checked in both directions. Default: the certificate of a server that is
   * dialled has to bear the host of its address, and that of one that connects is not checked for a name.
   */
  readonly serverName?: string | undefined
  /** The oldest version spoken. Default `TLSv1.2`. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined
  /** How long a handshake may take that somebody else begins, in milliseconds. Default 5,000. */
  readonly handshakeTimeout?: number | undefined
  /** Says which server may use which certificate. Default: any server any certificate that was accepted. */
  readonly verifyPeer?: VerifyPeer | undefined
}

/**
 * Whether the holder of the certificate may speak as the server with this ID and address. Asked when a server is dialled,
 * with the ID and address it was dialled by, and for a connection that came in with those that its requests claim, once
 * for each pair; both are empty where a request claims none. False or a throw ends the connection, and is logged. The
 * certificate is `undefined` only if `mutual` is false.
 */
export type VerifyPeer = (
  certificate: X509Certificate | undefined,
  id: ServerID,
  address: ServerAddress,
) => Awaitable<boolean>
