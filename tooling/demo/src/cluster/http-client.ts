import { Agent, request } from 'node:http'

/** An answer, whatever its status. */
export interface Reply {
  readonly status: number
  readonly location: string | undefined
  readonly body: Uint8Array
}

/** No answer came. `sent` is false if the request certainly did not reach the server. */
export class NoReply extends Error {
  override readonly name = 'NoReply'
  readonly sent: boolean

  constructor(message: string, sent: boolean) {
    super(message)
    this.sent = sent
  }
}

/** What to ask for. */
export interface Ask {
  readonly method?: string
  /** `host:port`. */
  readonly http: string
  readonly path: string
  readonly body?: Uint8Array | string
  /** Milliseconds without news from the server after which it is given up. */
  readonly timeout?: number
}

/** A client that keeps its connections. It sends everything once. */
export class HTTPClient {
  readonly #agent = new Agent({ keepAlive: true })

  async ask({ method = 'GET', http, path, body, timeout = 10_000 }: Ask): Promise<Reply> {
    const [host, port] = splitAddress(http)
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
      const sent = request({ agent: this.#agent, host, port, path, method, headers, timeout }, (incoming) => {
        const chunks: Uint8Array[] = []
        incoming.on('data', (chunk: Uint8Array) => chunks.push(chunk))
        incoming.on('error', (error) => reject(new NoReply(error.message, true)))
        incoming.on('end', () => {
          resolve({
            status: incoming.statusCode ?? 0,
            location: incoming.headers.location,
            body: Buffer.concat(chunks),
          })
        })
      })
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${timeout} ms`)))
      sent.on('error', (error: NodeJS.ErrnoException) => {
        reject(new NoReply(error.message, error.code !== 'ECONNREFUSED'))
      })
      sent.end(body)
    })
  }

  /** The JSON of a reply with status 200; any other is an error with what the server said. */
  async json<T>(ask: Ask): Promise<T> {
    const { status, body } = await this.ask(ask)
    const text = new TextDecoder().decode(body)
    if (status !== 200) throw new Error(`${ask.method ?? 'GET'} ${ask.http}${ask.path}: ${status} ${text.trim()}`)
    return JSON.parse(text) as T
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** Takes `host:port` apart. */
export function splitAddress(address: string): [host: string, port: number] {
  const at = address.lastIndexOf(':')
  return [address.slice(0, at), Number(address.slice(at + 1))]
}
