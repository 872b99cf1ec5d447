import { connect, createServer, type Server, type Socket } from 'node:net'
import { type Message, MessageStream } from './message-stream.ts'

/** A message between two servers. */
export interface Passage {
  readonly from: string
  readonly to: string
  readonly message: Message
}

/** Between every two servers: passes everything on, tells what it was, and can be cut. */
export class Network {
  readonly #links = new Set<Link>()
  readonly #gates = new Map<string, Gate>()
  readonly #cuts = new Set<string>()
  readonly #onPassage: (passage: Passage) => void
  /** Connections that could not be read to their end, and why. */
  readonly unreadable: string[] = []

  constructor(onPassage: (passage: Passage) => void) {
    this.#onPassage = onPassage
  }

  /** Stands in front of a server: who connects to `address` reaches `target`, as long as the gate is open. */
  add(address: string, target: string): void {
    this.#gates.set(address, new Gate(address, target, (socket) => this.#onConnection(address, socket)))
  }

  /** The server is there: others can connect to it. */
  open(address: string): Promise<void> {
    return this.#gate(address).open()
  }

  /** The server is gone: others cannot connect, as is so when nobody listens. */
  close(address: string): void {
    this.#gate(address).close()
  }

  /**
   * Nothing passes between the two any more. With `sharp` the connections end too; without, whatever is on its way waits,
   * as it does when a network is down for a while.
   */
  cut(one: string, other: string, sharp: boolean): void {
    this.#cuts.add(pairOf(one, other))
    for (const link of this.#links) {
      if (!this.#isCut(link)) continue
      if (sharp) link.end()
      else link.hold()
    }
  }

  /** Takes all cuts back. */
  mend(): void {
    this.#cuts.clear()
    for (const link of this.#links) link.release()
  }

  stop(): void {
    for (const gate of this.#gates.values()) gate.close()
    for (const link of this.#links) link.end()
  }

  #gate(address: string): Gate {
    const gate = this.#gates.get(address)
    if (gate === undefined) throw new Error(`nobody is at ${address}`)
    return gate
  }

  #isCut({ from, to }: Link): boolean {
    return from !== undefined && this.#cuts.has(pairOf(from, to))
  }

  #onConnection(address: string, inbound: Socket): void {
    const { host, port } = this.#gate(address).target
    const link = new Link(inbound, connect({ host, port, noDelay: true, allowHalfOpen: true }), {
      to: address,
      onPassage: this.#onPassage,
      onNamed: () => {
        if (this.#isCut(link)) link.hold()
      },
      onEnd: () => {
        this.#links.delete(link)
        if (link.failure !== undefined) this.unreadable.push(link.failure)
      },
    })
    this.#links.add(link)
  }
}

const pairOf = (one: string, other: string): string => [one, other].sort().join(' ')

/** A listener that can be closed and opened again. */
class Gate {
  readonly target: { readonly host: string; readonly port: number }
  readonly #address: string
  readonly #onConnection: (socket: Socket) => void
  #server: Server | undefined

  constructor(address: string, target: string, onConnection: (socket: Socket) => void) {
    this.#address = address
    this.target = splitHost(target)
    this.#onConnection = onConnection
  }

  async open(): Promise<void> {
    if (this.#server !== undefined) return
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#onConnection(socket))
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(splitHost(this.#address), resolve)
    })
  }

  close(): void {
    this.#server?.close()
    this.#server = undefined
  }
}

function splitHost(address: string): { host: string; port: number } {
  const [host = '', port = ''] = address.split(':')
  return { host, port: Number(port) }
}

interface LinkOptions {
  readonly to: string
  readonly onPassage: (passage: Passage) => void
  /** The first request says who dialled. */
  readonly onNamed: () => void
  readonly onEnd: () => void
}

/** One connection between two servers. */
class Link {
  readonly to: string
  /** The address of whoever dialled, once it is known. */
  from: string | undefined
  readonly #inbound: Socket
  readonly #outbound: Socket
  readonly #stream: MessageStream
  #held = false
  #kept: (() => void)[] = []

  constructor(inbound: Socket, outbound: Socket, options: LinkOptions) {
    this.#inbound = inbound
    this.#outbound = outbound
    this.to = options.to
    this.#stream = new MessageStream((message) => {
      this.#name(message, options)
      if (this.from !== undefined) options.onPassage({ from: this.from, to: this.to, message })
    })
    this.#pass(inbound, outbound, (chunk) => this.#stream.sent(chunk))
    this.#pass(outbound, inbound, (chunk) => this.#stream.received(chunk))
    inbound.once('close', options.onEnd)
  }

  get failure(): string | undefined {
    return this.#stream.failure
  }

  hold(): void {
    this.#held = true
    this.#inbound.pause()
    this.#outbound.pause()
  }

  release(): void {
    if (!this.#held) return
    this.#held = false
    for (const write of this.#kept.splice(0)) write()
    this.#inbound.resume()
    this.#outbound.resume()
  }

  end(): void {
    this.#inbound.destroy()
    this.#outbound.destroy()
  }

  #name(message: Message, { onNamed }: LinkOptions): void {
    if (this.from !== undefined || message.kind !== 'request') return
    const { address } = message.request.request.header
    if (address === undefined) return
    this.from = Buffer.from(address).toString()
    onNamed()
  }

  #pass(from: Socket, to: Socket, look: (chunk: Buffer) => void): void {
    from.on('data', (chunk: Buffer) => {
      look(chunk)
      // What came in the very chunk that said who dialled is held too.
      if (this.#held) this.#kept.push(() => to.write(chunk))
      else if (!to.write(chunk)) from.pause()
    })
    to.on('drain', () => {
      if (!this.#held) from.resume()
    })
    from.on('end', () => to.end())
    from.on('error', () => undefined)
    from.on('close', (failed) => (failed ? to.destroy() : to.end()))
  }
}
