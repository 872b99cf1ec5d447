import { type Logger } from '@raft/core'

/** A logger that writes one line per message: when, how bad, what, and the facts as JSON. */
export function lineLogger(write: (line: string) => void): Logger {
  const line = (level: string) => (facts: object, message: string) => {
    const details = JSON.stringify(facts, plain)
    write(`${new Date().toISOString()} ${level} ${message}${details === '{}' ? '' : ` ${details}`}\n`)
  }
  return { debug() {}, info: line('info '), warn: line('warn '), error: line('error') }
}

function plain(_: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value
}
