import { ConnectionError } from '@raft/core'
import type { MessageReceiver, MessageSocket } from './message-socket.ts'

/** The name of this framing in the WebSocket's handshake. */
export const subprotocol = 'raft.v1'

/** What is used of a WebSocket: the platform's own has it, and so has the `ws` package's. */
export interface WebSocketLike {
  binaryType: string
  send(data: Uint8Array<ArrayBuffer>): void
  close(): void
  addEventListener(type: 'open' | 'error' | 'close', listener: (event: object) => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
}

/** Makes a `MessageSocket` of a WebSocket; `terminate` ends it at once, where there is such a thing. */
export function messageSocketOf(
  socket: WebSocketLike,
  { remoteAddress, terminate }: { readonly remoteAddress: string; readonly terminate: () => void },
): MessageSocket {
  socket.binaryType = 'arraybuffer'
  const early: Uint8Array[] = []
  let receiver: MessageReceiver | undefined
  let lastError: Error | undefined
  let closed = false
  socket.addEventListener('message', ({ data }) => {
    // Text is no frame: an empty message lets the session say so.
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0)
    if (receiver === undefined) early.push(bytes)
    else receiver.onMessage(bytes)
  })
  socket.addEventListener('error', (event) => {
    lastError = errorOf(event)
  })
  socket.addEventListener('close', () => {
    closed = true
    receiver?.onClose(lastError)
  })
  return {
    remoteAddress,
    open(given) {
      receiver = given
      for (const bytes of early.splice(0)) given.onMessage(bytes)
      if (closed) given.onClose(lastError)
    },
    send(bytes) {
      if (!closed) socket.send(bytes as Uint8Array<ArrayBuffer>)
    },
    destroy: terminate,
  }
}

/** Resolves once the WebSocket is open. */
export function opened(
  socket: WebSocketLike,
  { url, timeout, terminate }: { readonly url: string; readonly timeout: number; readonly terminate: () => void },
): Promise<void> {
  return new Promise((resolve, reject) => {
    let error: Error | undefined
    const fail = (reason: string): void => {
      clearTimeout(timer)
      reject(new ConnectionError(`${url} could not be reached: ${reason}`, { cause: error }))
    }
    const tooLate = (): void => {
      terminate()
      fail(`no answer within ${timeout} ms`)
    }
    const timer = timeout > 0 ? setTimeout(tooLate, timeout) : undefined
    socket.addEventListener('open', () => {
      clearTimeout(timer)
      resolve()
    })
    socket.addEventListener('error', (event) => {
      error = errorOf(event)
    })
    socket.addEventListener('close', () => fail(error?.message ?? 'it was closed'))
  })
}

function errorOf(event: object): Error {
  const { error, message } = event as { readonly error?: unknown; readonly message?: unknown }
  if (error instanceof Error) return error
  return new ConnectionError(typeof message === 'string' && message !== '' ? message : 'the WebSocket failed')
}

/** Opens the platform's own WebSocket, as browsers have it. */
export async function connectPlatformSocket(url: string, timeout: number): Promise<MessageSocket> {
  const socket = new WebSocket(url, [subprotocol])
  const terminate = (): void => socket.close()
  const messages = messageSocketOf(socket, { remoteAddress: url, terminate })
  await opened(socket, { url, timeout, terminate })
  return messages
}
