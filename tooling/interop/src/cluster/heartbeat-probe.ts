import { connect, type Socket } from 'node:net'
import { decodeResponse, encodeRequest } from '@raft/core/wire'
import type { PeerStats } from '../control/protocol.ts'
import { pause } from './wait.ts'

/** Sends a server the heartbeats that its leader sends, over a connection of its own, and measures how soon it answers. */
export class HeartbeatProbe {
  readonly #socket: Socket
  readonly #message: Uint8Array
  #running = true
  readonly #done: Promise<void>
  answered = 0
  /** The slowest answer, in milliseconds. */
  slowest = 0

  constructor(address: string, leader: PeerStats) {
    const [host = '', port = ''] = address.split(':')
    this.#socket = connect({ host, port: Number(port), noDelay: true })
    this.#socket.on('error', () => undefined)
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
    const header = { protocolVersion: 3, id: bytes(leader.id), address: bytes(leader.leaderAddress) }
    this.#message = encodeRequest('appendEntries', {
      header,
      term: leader.term,
      leader: header.address,
      prevLogEntry: 0,
      prevLogTerm: 0,
      leaderCommitIndex: 0,
    })
    this.#done = this.#run()
  }

  async stop(): Promise<void> {
    this.#running = false
    await this.#done
    this.#socket.destroy()
  }

  async #run(): Promise<void> {
    while (this.#running) {
      const begun = performance.now()
      const answer = this.#answer()
      this.#socket.write(this.#message)
      if (!(await answer)) return
      this.answered++
      this.slowest = Math.max(this.slowest, performance.now() - begun)
      await pause(20)
    }
  }

  /** Resolves with whether the heartbeat was accepted. */
  #answer(): Promise<boolean> {
    return new Promise((resolve) => {
      let received: Buffer = Buffer.alloc(0)
      const end = (accepted: boolean): void => {
        this.#socket.off('data', onData).off('close', onClose)
        resolve(accepted)
      }
      const onClose = (): void => end(false)
      const onData = (chunk: Buffer): void => {
        received = Buffer.concat([received, chunk])
        const accepted = tryToDecode(received)
        if (accepted !== undefined) end(accepted)
      }
      this.#socket.on('data', onData).on('close', onClose)
    })
  }
}

function tryToDecode(bytes: Uint8Array): boolean | undefined {
  try {
    return decodeResponse('appendEntries', bytes).response?.success === true
  } catch {
    return undefined
  }
}
