// A request and its answer, as the routes see them.

/** One HTTP request, read to the end. */
export interface Request {
  readonly method: string
  /** The path without its first slash, still encoded. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Uint8Array
  /** As the client asked for it, path and query: where else it may ask for the same. */
  readonly target: string
}

/** What goes back. An object becomes JSON; an iterable is sent piece by piece, as fast as the client reads. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | object | Iterable<string>
}

/** Answers a request, or throws: an `HTTPError`, or an error of the library. */
export type Handler = (request: Request) => Answer | Promise<Answer>

/** An answer that is a complaint about the request. */
export class HTTPError extends Error {
  override readonly name = 'HTTPError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** 200 with a JSON object. */
export function ok(body: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers, body }
}

/** 200 with a JSON object that people will read. */
export function page(body: object): Answer {
  const text = JSON.stringify(body, null, 2) + '\n'
  return { status: 200, headers: { 'content-type': 'application/json' }, body: new TextEncoder().encode(text) }
}

/** Reads a JSON object out of a body; an empty body is an empty object. */
export function parseJSON(body: Uint8Array): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {}
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Falls through to the complaint.
  }
  throw new HTTPError(400, 'the body is no JSON object')
}
