import { type Command, CommandError, encodeCommand } from '../command.ts'
import { type Entry, type KeyValueResult } from '../key-value-state.ts'
import { type Store } from '../store.ts'
import { type Answer, HTTPError, ok, type Request } from './exchange.ts'

const maxKeyBytes = 1_024

/** `/kv/KEY`: one value. The ETag is the index of the log entry that set it. */
export async function oneKey(request: Request, store: Store): Promise<Answer> {
  const key = keyOf(request.path)
  switch (request.method) {
    case 'GET':
      return value(key, await look(request, store, () => store.machine.state.entries.get(key)))
    case 'PUT':
      return changed(key, await apply(store, { op: 'put', key, value: request.body, expect: condition(request) }))
    case 'DELETE':
      return changed(key, await apply(store, { op: 'delete', key, expect: condition(request) }))
    default:
      throw new HTTPError(405, 'GET, PUT or DELETE')
  }
}

/** `/kv`: all of them, as one JSON object; values that are not UTF-8 are shown with replacement characters. */
export async function allKeys(request: Request, store: Store): Promise<Answer> {
  if (request.method !== 'GET') throw new HTTPError(405, 'GET')
  const entries = await look(request, store, () => [...store.machine.state.entries])
  const decoder = new TextDecoder()
  return ok(Object.fromEntries(entries.map(([key, entry]) => [key, decoder.decode(entry.value)])))
}

/** Reads what is certainly current, from the leader; with `?local` what this node has, which may be old. */
async function look<T>(request: Request, { replica, wait }: Store, read: () => T): Promise<T> {
  return request.query.has('local') ? read() : replica.read(read, wait())
}

async function apply({ replica, wait }: Store, command: Command): Promise<KeyValueResult> {
  const { response } = await replica.apply(encodeCommand(command), wait())
  if (response instanceof CommandError) throw new HTTPError(400, response.message)
  return response
}

function value(key: string, entry: Entry | undefined): Answer {
  if (entry === undefined) return { status: 404, body: { error: 'NOT_FOUND', message: `there is no key ${key}` } }
  const headers = {
    etag: `"${entry.index}"`,
    'content-type': 'application/octet-stream',
    'x-version': `${entry.version}`,
  }
  return { status: 200, headers, body: entry.value }
}

function changed(key: string, { index, done, existed, entry }: KeyValueResult): Answer {
  const headers: Record<string, string> = entry === undefined ? {} : { etag: `"${entry.index}"` }
  if (done) return ok({ key, index, existed, ...(entry && { version: entry.version }) }, headers)
  const message = existed ? `${key} was last set at ${entry?.index}` : `there is no key ${key}`
  return { status: 412, headers, body: { error: 'CONDITION', message, outcome: 'rejected' } }
}

/** The key is everything after `kv/`, slashes included. */
function keyOf(path: string): string {
  let key: string
  try {
    key = decodeURIComponent(path.slice('kv/'.length))
  } catch {
    throw new HTTPError(400, 'the key is not percent-encoded UTF-8')
  }
  const size = Buffer.byteLength(key)
  if (size === 0 || size > maxKeyBytes) throw new HTTPError(400, `a key has 1 to ${maxKeyBytes} bytes`)
  return key
}

/** `If-None-Match: *` is "only if it does not exist", `If-Match: "7"` "only if nothing has set it since 7". */
function condition({ headers }: Request): number | undefined {
  const none = headers['if-none-match']
  const match = headers['if-match']
  if (none !== undefined) {
    if (none !== '*' || match !== undefined)
      throw new HTTPError(400, 'If-None-Match can only be *, and not beside If-Match')
    return 0
  }
  if (match === undefined) return undefined
  const index = Number(/^"(\d+)"$/.exec(String(match))?.[1])
  if (!Number.isSafeInteger(index) || index === 0) throw new HTTPError(400, 'If-Match is one ETag, such as "7"')
  return index
}
