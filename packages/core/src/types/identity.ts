/** A server's permanent name, unique in a configuration. Never reused for another disk. */
export type ServerID = string

/** Where a server is reached, in the transport's own notation; `host:port` for TCP. */
export type ServerAddress = string

/** A server to talk to: who it is and where it is reached. */
export interface Peer {
  readonly id: ServerID
  readonly address: ServerAddress
}
