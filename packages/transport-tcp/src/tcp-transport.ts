import {
  NetworkTransport,
  type NetworkTransportConfig,
  type NetworkTransportOptions,
  type StreamLayer,
} from '@raft/core/wire'
import { TCPStreamLayer, type TCPStreamLayerOptions } from './tcp-stream-layer.ts'
import type { TLSOptions } from './tls-options.ts'
import { TLSStreamLayer } from './tls-stream-layer.ts'

/** How a transport over TCP is set up. Durations are milliseconds. */
export interface TCPTransportOptions extends Omit<TCPStreamLayerOptions, 'maxConnections'>, NetworkTransportOptions {
  /** Encrypts, and checks who connects. Default: neither. */
  readonly tls?: TLSOptions | undefined
}

/** A `NetworkTransport` over TCP or TLS. */
export class TCPTransport extends NetworkTransport {
  /**
   * Listens and returns the transport. Rejects with a `ConnectionError` if it cannot listen (see `TCPStreamLayer.listen`)
   * and with a `RangeError` that names every option that is out of range.
   */
  static async listen(options: TCPTransportOptions): Promise<TCPTransport> {
    const { tls, logger, bindAddress, advertise, maxConnections = 1_024 } = options
    // The transport chooses which connection has to go when there are too many; the layer only keeps out a flood.
    const where = { bindAddress, advertise, maxConnections: 2 * maxConnections }
    const stream =
      tls === undefined ? await TCPStreamLayer.listen(where) : await TLSStreamLayer.listen({ ...where, tls, logger })
    try {
      return new TCPTransport({ ...options, stream })
    } catch (error) {
      stream.close()
      throw error
    }
  }

  /** Over a stream layer that listens already. */
  constructor(config: NetworkTransportConfig & { readonly stream: StreamLayer }) {
    super(config)
  }
}
