/** What a session is told of its socket. Calls never overlap. */
export interface MessageReceiver {
  onMessage(bytes: Uint8Array): void
  /** Always the last call. */
  onClose(error?: Error): void
}

/** An open WebSocket, of whichever make: the platform's own, or the `ws` package's. */
export interface MessageSocket {
  /** Where the other end is, for messages. */
  readonly remoteAddress: string
  /** Begins to deliver; what arrived before is kept until then. */
  open(receiver: MessageReceiver): void
  /** Sends one binary message. Never waits, never throws. */
  send(bytes: Uint8Array): void
  /** Ends the connection at once. */
  destroy(): void
}
