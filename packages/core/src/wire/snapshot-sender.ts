import { SnapshotError } from '../types/errors.ts'
import type { Peer } from '../types/identity.ts'
import type { InstallSnapshotRequest, InstallSnapshotResponse } from '../types/messages.ts'
import { type ClientConnection, nameOf } from './client-connection.ts'

/** A snapshot on its way. */
export interface SnapshotTransfer {
  readonly connection: ClientConnection
  readonly peer: Peer
  readonly request: InstallSnapshotRequest
  readonly data: AsyncIterable<Uint8Array>
  /** For the whole transfer and its answer; 0 is no limit. */
  readonly timeout: number
}

/**
 * Sends the request, then its bytes as fast as they are taken, and waits for the answer. An answer that comes before the
 * last byte ends the sending: the peer has refused.
 */
export async function sendSnapshot(transfer: SnapshotTransfer): Promise<InstallSnapshotResponse> {
  const { connection, peer, request, timeout } = transfer
  let settled = false
  const answer = connection.call(request, { type: 'installSnapshot', peer, timeout }).finally(() => (settled = true))
  const sending = stream(transfer, () => settled)
  try {
    // Whichever fails first has the reason; an answer is an answer, even if it comes early.
    return await Promise.race([answer, sending.then(() => answer)])
  } finally {
    answer.catch(() => undefined)
    connection.fail(new SnapshotError('the snapshot was sent'))
    sending.catch(() => undefined)
  }
}

async function stream({ connection, peer, request, data }: SnapshotTransfer, isSettled: () => boolean): Promise<void> {
  let missing = request.size
  if (missing === 0) return
  for await (const chunk of data) {
    if (isSettled()) return
    // A copy, since the layer keeps what it is given, and a reader may fill its chunk anew.
    const bytes = new Uint8Array(chunk.subarray(0, missing))
    missing -= bytes.length
    if (bytes.length > 0 && !connection.write(bytes)) await drained(connection)
    if (missing === 0 || isSettled()) return
  }
  const sent = request.size - missing
  throw new SnapshotError(`the snapshot for ${nameOf(peer)} should have ${request.size} bytes and has ${sent}`)
}

function drained(connection: ClientConnection): Promise<void> {
  return new Promise((resolve) => {
    connection.drained = resolve
    // It may have ended meanwhile, and then says no more.
    if (connection.error !== undefined) resolve()
  })
}
