/**
 * A text that is the same for values that are equal, down to the order of keys, and shows what they are. What contains
 * itself is shown once.
 */
export function textOf(value: unknown, around: readonly object[] = []): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'bigint':
      return `${value}n`
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'function':
      return `[function ${value.name}]`
    case 'object':
      return value === null ? 'null' : objectText(value, around)
    default:
      return String(value)
  }
}

function objectText(value: object, around: readonly object[]): string {
  const level = around.indexOf(value)
  if (level !== -1) return `[what is ${around.length - level} levels above]`
  const within = [...around, value]
  const inner = (part: unknown): string => textOf(part, within)
  if (ArrayBuffer.isView(value)) return `${nameOf(value)} ${bytesText(value)}`
  if (value instanceof Date) return `Date ${Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString()}`
  if (value instanceof Error) {
    const cause = value.cause === undefined ? '' : ` (cause: ${inner(value.cause)})`
    return `${value.name}: ${value.message}${fieldsText(value, inner)}${cause}`
  }
  if (Array.isArray(value)) return `[${value.map(inner).join(', ')}]`
  if (value instanceof Map) {
    return `Map {${[...value].map(([key, item]) => `${inner(key)} => ${inner(item)}`).join(', ')}}`
  }
  if (value instanceof Set) return `Set {${[...value].map(inner).join(', ')}}`
  return `${nameOf(value)}${fieldsText(value, inner) || '{}'}`.trim()
}

function fieldsText(value: object, inner: (part: unknown) => string): string {
  const fields = Object.entries(value).map(([key, item]) => `${key}: ${inner(item)}`)
  return fields.length === 0 ? '' : ` { ${fields.join(', ')} }`
}

function nameOf(value: object): string {
  const name = (value.constructor as { readonly name?: string } | undefined)?.name ?? ''
  return name === 'Object' ? '' : name === 'Buffer' ? 'Uint8Array' : name
}

function bytesText(view: ArrayBufferView): string {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('hex')
}

/** Bytes of a command or a snapshot as a person would like to see them: as text if they are one, else as numbers. */
export function readable(bytes: Uint8Array | undefined, limit = 60): string {
  if (bytes === undefined) return 'nothing'
  const start = bytes.subarray(0, limit)
  const more = bytes.length > limit ? '…' : ''
  const text = new TextDecoder().decode(start)
  if (/^[^\p{Cc}\ufffd]*$/u.test(text)) return `\`${text}${more}\``
  return `${Buffer.from(start).toString('hex')}${more} (bytes)`
}
