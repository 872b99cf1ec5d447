import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Answer, type Handler } from './exchange.ts'

const maxBodyBytes = 1_048_576
// How much of a body that is too large is read, for the client to get its answer and not a broken connection.
const maxDrainedBytes = 16 * maxBodyBytes

/** Serves one handler over HTTP. */
export class HTTPServer {
  readonly #server: Server
  readonly #handle: Handler

  private constructor(handle: Handler) {
    this.#handle = handle
    this.#server = createServer((incoming, outgoing) => void this.#exchange(incoming, outgoing))
    // Longer than a client that keeps its connection is likely to be silent: closing it first can lose a request.
    this.#server.keepAliveTimeout = 60_000
  }

  /** Resolves once the server accepts connections. `handle` must not throw. Port 0 lets the system choose. */
  static async listen(address: { host: string; port: number }, handle: Handler): Promise<HTTPServer> {
    const made = new HTTPServer(handle)
    await new Promise<void>((resolve, reject) => {
      made.#server.once('error', reject)
      made.#server.listen(address.port, address.host, () => {
        made.#server.off('error', reject)
        resolve()
      })
    })
    return made
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Accepts no more, and resolves when the requests under way have been answered. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeIdleConnections()
    })
  }

  async #exchange(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      const answer = await this.#answer(incoming)
      // Once the server closes, each connection ends with its answer: the client need not be waited for.
      if (!this.#server.listening) outgoing.setHeader('connection', 'close')
      await send(answer, outgoing)
    } catch {
      // The client has gone: there is nobody to tell.
      outgoing.destroy()
    }
  }

  async #answer(incoming: IncomingMessage): Promise<Answer> {
    const body = await readBody(incoming)
    if (body === undefined) {
      const message = `a body has ${maxBodyBytes} bytes at most`
      return {
        status: 413,
        headers: { connection: 'close' },
        body: { error: 'TOO_LARGE', message, outcome: 'rejected' },
      }
    }
    const { method = 'GET', url: target = '/', headers } = incoming
    const [path = '', query] = target.split('?', 2)
    return this.#handle({ method, headers, body, path: path.slice(1), query: new URLSearchParams(query), target })
  }
}

/** The whole body, or nothing if it is larger than a body may be. */
async function readBody(incoming: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size <= maxBodyBytes) chunks.push(chunk)
    else if (size > maxDrainedBytes) return undefined
    else chunks.length = 0
  }
  return size > maxBodyBytes ? undefined : Buffer.concat(chunks)
}

async function send({ status, headers, body }: Answer, outgoing: ServerResponse): Promise<void> {
  outgoing.statusCode = status
  for (const [name, value] of Object.entries(headers ?? {})) outgoing.setHeader(name, value)
  if (body === undefined) outgoing.end()
  else if (body instanceof Uint8Array) outgoing.end(body)
  else if (isIterable(body)) await pipeline(Readable.from(body), outgoing)
  else outgoing.setHeader('content-type', 'application/json').end(JSON.stringify(body) + '\n')
}

function isIterable(body: object): body is Iterable<string> {
  return Symbol.iterator in body
}
