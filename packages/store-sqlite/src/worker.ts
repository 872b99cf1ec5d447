// The thread that owns the file: it waits for the disk, so that the event loop of the application does not. It has no
// event loop of its own: it sleeps until the bell of the `SharedSlot` rings, which wakes it sooner and costs less.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { describe, packFailure } from './failures.ts'
import { SLOT_WRITTEN, type StoreReply, type StoreRequest, type WorkerStart } from './protocol.ts'
import { SharedSlot } from './shared-slot.ts'
import { StoreFile } from './store-file.ts'

if (parentPort === null) throw new Error('this module is the worker thread of SqliteStore; it is not imported')
const port = parentPort
const options = workerData as WorkerStart
const slot = new SharedSlot(options.memory)

function reply(message: StoreReply, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, transfer)
}

function fail(error: unknown, action: string): void {
  reply({ kind: 'failed', failure: packFailure(describe(error, options.path, action)) })
}

function perform(file: StoreFile, request: StoreRequest): void {
  switch (request.kind) {
    case 'write': {
      const { set, deleteFrom, rows, buffer } = request
      const remove = deleteFrom === undefined ? undefined : { min: deleteFrom, max: Infinity }
      file.write({ set, remove, rows, records: new Uint8Array(buffer) })
      reply({ kind: 'written', bounds: file.bounds })
      return
    }
    case 'delete':
      file.remove(request)
      reply({ kind: 'written', bounds: file.bounds })
      return
    case 'read': {
      const read = file.read(request)
      reply({ kind: 'read', ...read }, [read.buffer])
      return
    }
    case 'close':
      file.close()
      reply({ kind: 'closed' })
  }
}

function nextMessage(): StoreRequest {
  const received = receiveMessageOnPort(port)
  if (received === undefined) throw new Error('a request was announced that never came')
  return received.message as StoreRequest
}

/** Serves the request of this number; returns whether others may follow. */
function serveOne(file: StoreFile, number: number): boolean {
  const rows = slot.rowsOf(number)
  if (rows === undefined) {
    const request = nextMessage()
    try {
      perform(file, request)
    } catch (error) {
      fail(error, request.kind === 'delete' ? 'write' : request.kind)
    }
    return request.kind !== 'close'
  }
  try {
    file.store(rows, slot.records)
    slot.setBounds(file.bounds)
    port.postMessage(SLOT_WRITTEN)
  } catch (error) {
    fail(error, 'write')
  }
  return true
}

/** Frees some of what was removed. Returns whether that went well. */
function sweep(file: StoreFile): boolean {
  try {
    file.sweep()
    return true
  } catch {
    // Nobody waits for this. The file takes no more writes now, and the next one says why.
    return false
  }
}

function serve(file: StoreFile): void {
  let served = 0
  let canSweep = true
  for (;;) {
    // One slice at a time, so that requests are served in between.
    if (canSweep && file.hasDead) canSweep = sweep(file)
    else slot.wait(served)
    if (!slot.isWaiting(served)) continue
    served = (served + 1) | 0
    if (!serveOne(file, served)) return
  }
}

function open(): StoreFile | undefined {
  try {
    return StoreFile.open(options)
  } catch (error) {
    fail(error, 'open')
    return undefined
  }
}

const file = open()
if (file !== undefined) {
  const { serverID, values } = file.state
  reply({ kind: 'opened', bounds: file.bounds, serverID, values })
  serve(file)
}
