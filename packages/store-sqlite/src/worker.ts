// The thread that owns the file: it waits for the disk, so that the event loop of the application does not.
import { parentPort, workerData } from 'node:worker_threads'
import { describe, packFailure } from './failures.ts'
import { type OpenRequest, type StoreReply, type StoreRequest } from './protocol.ts'
import { StoreFile } from './store-file.ts'

if (parentPort === null) throw new Error('this module is the worker thread of SqliteStore; it is not imported')
const port = parentPort
const options = workerData as OpenRequest

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
      file.write({ set, remove, rows, buffer })
      reply({ kind: 'written', bounds: file.bounds, buffer }, buffer === undefined ? [] : [buffer])
      return
    }
    case 'delete':
      file.write({ set: [], remove: request, rows: [], buffer: undefined })
      reply({ kind: 'written', bounds: file.bounds, buffer: undefined })
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

function serve(file: StoreFile): void {
  let isSweeping = false
  let isOpen = true

  function sweepSoon(): void {
    if (isSweeping || !isOpen || !file.hasDead) return
    isSweeping = true
    // One slice at a time, so that requests are served in between.
    setImmediate(() => {
      isSweeping = false
      if (!isOpen) return
      try {
        file.sweep()
      } catch {
        // Nobody waits for this. The file takes no more writes now, and the next one says why.
        return
      }
      sweepSoon()
    })
  }

  port.on('message', (request: StoreRequest) => {
    if (request.kind === 'close') isOpen = false
    try {
      perform(file, request)
    } catch (error) {
      fail(error, request.kind === 'delete' ? 'write' : request.kind)
    }
    if (request.kind === 'close') port.close()
    sweepSoon()
  })

  sweepSoon()
}

try {
  const file = StoreFile.open(options)
  const { serverID, values } = file.state
  reply({ kind: 'opened', bounds: file.bounds, serverID, values })
  serve(file)
} catch (error) {
  fail(error, 'open')
}
