import type { AppendEntriesRequest, ServerID, Transport } from '@raft/core'

/** What a server has handed to its transport for each peer, and has neither an answer to nor an error. */
export class OpenBytes {
  /** The most that was open at a time, in bytes of commands. */
  readonly most = new Map<ServerID, number>()
  /** AppendEntries in all, heartbeats too. */
  readonly requests = new Map<ServerID, number>()
  /** Bytes of commands in all. */
  readonly sent = new Map<ServerID, number>()
  readonly #open = new Map<ServerID, number>()

  /** Watches a transport that nobody uses yet. */
  watch(transport: Transport): void {
    const { appendEntries, appendEntriesPipeline } = transport
    transport.appendEntries = (peer, request) => {
      const response = appendEntries.call(transport, peer, request)
      this.#note(peer.id, request, response)
      return response
    }
    transport.appendEntriesPipeline = async (peer) => {
      const pipeline = await appendEntriesPipeline.call(transport, peer)
      const original = pipeline.appendEntries
      pipeline.appendEntries = async (request) => {
        const future = await original.call(pipeline, request)
        this.#note(peer.id, request, future.response)
        return future
      }
      return pipeline
    }
  }

  #note(peer: ServerID, request: AppendEntriesRequest, answered: PromiseLike<unknown>): void {
    const bytes = (request.entries ?? []).reduce((sum, { data }) => sum + (data?.length ?? 0), 0)
    const open = (this.#open.get(peer) ?? 0) + bytes
    this.#open.set(peer, open)
    this.most.set(peer, Math.max(open, this.most.get(peer) ?? 0))
    this.sent.set(peer, (this.sent.get(peer) ?? 0) + bytes)
    this.requests.set(peer, (this.requests.get(peer) ?? 0) + 1)
    const close = (): void => void this.#open.set(peer, this.#open.get(peer)! - bytes)
    answered.then(close, close)
  }
}
