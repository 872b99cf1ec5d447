import type { ServerAddress, ServerID } from '../types/identity.ts'

/** Looks up where a server is reached when it is dialled, in place of the address in the configuration. */
export interface ServerAddressProvider {
  /** The address, or a throw: then the configuration's address is used and a warning is logged. */
  serverAddress(id: ServerID): ServerAddress
}
