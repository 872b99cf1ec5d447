import type { Effect, EntrySource, Note, ReplyMessage } from '../../../src/consensus/effects.ts'
import type { Event } from '../../../src/consensus/events.ts'
import type { TermRun } from '../../../src/consensus/log-positions.ts'
import { type Configuration, configurationChangeCommandName } from '../../../src/types/configuration.ts'
import type { Peer } from '../../../src/types/identity.ts'
import { LogType, logTypeName } from '../../../src/types/log.ts'
import type { Entry } from './entries.ts'
import type { Message, Request } from './messages.ts'

/** What a line shows, by name. `false` and `undefined` are left out, `true` is the name alone. */
type Fields = Readonly<Record<string, string | number | boolean | undefined>>

function line(head: string, fields: Fields = {}): string {
  const shown = Object.entries(fields).flatMap(([name, value]) => {
    if (value === undefined || value === false) return []
    return value === true ? [name] : [`${name}=${value}`]
  })
  return [head, ...shown].join(' ')
}

export function formatMembers(configuration: Configuration): string {
  const marks = { Voter: '', Nonvoter: '(nonvoter)', Staging: '(staging)' } as const
  const members = configuration.servers.map((server) => `${formatPeer(server)}${marks[server.suffrage]}`)
  return `[${members.join(' ')}]`
}

/** The ID, and the address if it is not the usual one. */
function formatPeer({ id, address }: Peer): string {
  return address === `${id}:1` ? id : `${id}@${address}`
}

/** Runs of terms, as `4..6/2 7/3`: entries 4 to 6 of term 2, entry 7 of term 3. */
export function formatRuns(runs: readonly TermRun[], last: number): string {
  if (runs.length === 0) return '-'
  const shown = runs.map(({ first, term }, at) => {
    const end = (runs[at + 1]?.first ?? last + 1) - 1
    return first === end ? `${first}/${term}` : `${first}..${end}/${term}`
  })
  return shown.join(',')
}

/** Entries, those in a row and of one term together: `4..6/2,7/3[a b]`. */
export function formatEntries(entries: readonly Entry[]): string {
  const shown: string[] = []
  let run: Entry[] = []
  for (const [at, entry] of entries.entries()) {
    run.push(entry)
    const next = entries[at + 1]
    if (next?.index === entry.index + 1 && next.term === entry.term && entry.configuration === undefined) continue
    const indexes = run.length === 1 ? `${entry.index}` : `${run[0]!.index}..${entry.index}`
    const members = entry.configuration === undefined ? '' : formatMembers(entry.configuration)
    shown.push(`${indexes}/${entry.term}${members}`)
    run = []
  }
  return shown.join(',')
}

function errorName(error: Error | undefined): string | undefined {
  if (error === undefined) return undefined
  return error.name === 'Error' ? `"${error.message}"` : `${error.name}("${error.message}")`
}

export function formatRequest(request: Request): string {
  switch (request.kind) {
    case 'append': {
      const { term, prevIndex, prevTerm, entries, leaderCommit } = request
      const shown = entries.length === 0 ? undefined : formatEntries(entries)
      return line('append', { term, prev: `${prevIndex}/${prevTerm}`, entries: shown, commit: leaderCommit })
    }
    case 'heartbeat':
      return line('heartbeat', { term: request.term })
    case 'vote': {
      const { term, lastIndex, lastTerm, transfer } = request
      return line('vote', { term, last: `${lastIndex}/${lastTerm}`, transfer })
    }
    case 'pre-vote':
      return line('pre-vote', { term: request.term, last: `${request.lastIndex}/${request.lastTerm}` })
    case 'install': {
      const { index, term, configuration } = request.snapshot.position
      return line('install', {
        term: request.term,
        snapshot: `${index}/${term}`,
        members: formatMembers(configuration),
      })
    }
    case 'timeout-now':
      return 'timeout-now'
  }
}

export function formatReply(message: ReplyMessage | undefined, error?: Error): string {
  const failed = errorName(error)
  if (message === undefined) return line('reply', { error: failed })
  switch (message.kind) {
    case 'appendEntries': {
      const { term, success, lastLog, noRetryBackoff } = message
      return line(success ? 'success' : 'refusal', {
        term,
        last: lastLog,
        'try-at-once': noRetryBackoff,
        error: failed,
      })
    }
    case 'requestVote':
      return line(message.granted ? 'vote-granted' : 'vote-refused', { term: message.term, error: failed })
    case 'requestPreVote':
      return line(message.granted ? 'pre-vote-granted' : 'pre-vote-refused', { term: message.term, error: failed })
    case 'installSnapshot':
      return line(message.success ? 'installed' : 'not-installed', { term: message.term, error: failed })
    case 'timeoutNow':
      return line('timeout-now-heard', { error: failed })
  }
}

/** An undelivered message. */
export function formatMessage(message: Message): string {
  const { from, to, type, request } = message
  const head = `${from} -> ${to}`
  if (type === 'request') return `${head} ${formatRequest(request)}`
  if (type === 'response') return `${head} ${formatReply(message.message, message.error)}`
  return `${head} failure of ${request.kind}`
}

function formatSource(source: EntrySource, requestEntries: (inbound: number) => string): string {
  switch (source.from) {
    case 'queue': {
      const last = source.first + source.count - 1
      return `${source.first === last ? last : `${source.first}..${last}`}/${source.term}`
    }
    case 'leader':
    case 'bootstrap':
      return source.entries
        .map(({ index, term, type, configuration }) => {
          const members = configuration === undefined ? '' : formatMembers(configuration)
          const name = type === LogType.Configuration || type === LogType.Noop ? '' : `(${logTypeName(type)})`
          return `${index}/${term}${type === LogType.Noop ? '(noop)' : ''}${name}${members}`
        })
        .join(' ')
    case 'request':
      return requestEntries(source.inbound) + (source.skip > 0 ? ` skip=${source.skip}` : '')
  }
}

function formatNote(note: Note): string {
  const { name, ...facts } = note
  const fields: Record<string, string | number | boolean | undefined> = {}
  for (const [key, value] of Object.entries<unknown>(facts)) {
    if (value === undefined && key === 'leader') fields[key] = 'nobody'
    else if (value instanceof Error) fields[key] = errorName(value)
    else if (typeof value === 'number') fields[key] = Math.round(value)
    else if (typeof value === 'string' || typeof value === 'boolean') fields[key] = value
    else if (typeof value === 'object' && value !== null && 'servers' in value) {
      fields.members = formatMembers(value as Configuration)
    } else if (typeof value === 'object' && value !== null && 'id' in value) {
      fields[key] = String(value.id === '' && 'address' in value ? value.address : value.id)
    }
  }
  const { members, ...others } = fields
  return line(name, { ...others, members })
}

/** An event that is not a message. */
export function formatEvent(event: Event): string {
  switch (event.type) {
    case 'persisted':
      return `persisted #${event.write}`
    case 'applied':
      return `applied ${event.index}`
    case 'proposed':
      return `proposed ${event.count}`
    case 'change-asked': {
      const { command, request, server, prevIndex } = event
      const prev = prevIndex === 0 ? undefined : prevIndex
      return line(`${configurationChangeCommandName(command)}-asked ${server.id}`, { request, prev })
    }
    case 'transfer-asked':
      return line('transfer-asked', { to: event.target?.id, request: event.request })
    case 'read-asked':
      return line('read-asked', { applied: event.applied, request: event.request })
    case 'bootstrap-asked':
      return line('bootstrap-asked', { members: formatMembers(event.configuration), request: event.request })
    case 'restore-asked':
      return line('restore-asked', { index: event.index, request: event.request })
    case 'restore-stored':
      return line('restore-stored', { request: event.request, error: errorName(event.error) })
    case 'withdrawn':
      return line('withdrawn', { request: event.request })
    case 'snapshot-taken':
      return line('snapshot-taken', { snapshot: `${event.snapshot.index}/${event.snapshot.term}` })
    case 'snapshot-received':
      return line('snapshot-received', { error: errorName(event.error) })
    case 'call-failed':
      return line('call-failed', { error: errorName(event.error), missing: event.missing })
    default:
      return event.type
  }
}

/** One effect. `requestEntries` shows the entries of an AppendEntries that came in. */
export function formatEffect(effect: Effect, requestEntries: (inbound: number) => string): string {
  switch (effect.type) {
    case 'persist': {
      const { write, vote, deleteFrom, clear, entries } = effect
      return line(`persist #${write}`, {
        term: vote?.term,
        vote: vote?.candidate === undefined ? undefined : vote.candidate.id || vote.candidate.address,
        provisional: vote?.provisional === undefined ? undefined : `${vote.provisional.index}/${vote.provisional.term}`,
        'delete-from': deleteFrom,
        clear,
        entries: entries === undefined ? undefined : formatSource(entries, requestEntries),
      })
    }
    case 'compact':
    case 'apply':
      return line(effect.type, { through: effect.through })
    case 'abandon-snapshot':
      return effect.type
    case 'receive-snapshot':
    case 'drop-snapshot':
    case 'restore-snapshot':
      return line(effect.type, { snapshot: `${effect.snapshot.index}/${effect.snapshot.term}` })
    case 'replicate': {
      const { to, term, prevIndex, prevTerm, through, terms, leaderCommit, pipelined } = effect
      const entries = terms.length === 0 ? undefined : formatRuns(terms, through)
      const prev = `${prevIndex}/${prevTerm}`
      return line(`-> ${formatPeer(to)} append`, { term, prev, entries, commit: leaderCommit, pipelined })
    }
    case 'heartbeat':
      return line(`-> ${formatPeer(effect.to)} heartbeat`, { term: effect.term })
    case 'send-snapshot':
      return line(`-> ${formatPeer(effect.to)} install`, { term: effect.term })
    case 'request-vote': {
      const { to, term, lastIndex, lastTerm, transfer } = effect
      return line(`-> ${formatPeer(to)} vote`, { term, last: `${lastIndex}/${lastTerm}`, transfer })
    }
    case 'request-pre-vote':
      return line(`-> ${formatPeer(effect.to)} pre-vote`, {
        term: effect.term,
        last: `${effect.lastIndex}/${effect.lastTerm}`,
      })
    case 'timeout-now':
      return `-> ${formatPeer(effect.to)} timeout-now`
    case 'reply':
      return `reply ${formatReply(effect.message, effect.error)}`
    case 'ingest-snapshot':
    case 'discard-snapshot':
      return line(effect.type, { snapshot: `${effect.snapshot.index}/${effect.snapshot.term}` })
    case 'abort-proposals':
      return line(effect.type, { commit: effect.commitIndex })
    case 'refuse-proposals':
      return line('refuse-proposals', { count: effect.count, error: errorName(effect.error) })
    case 'leadership-lost':
      return line('leadership-lost', { term: effect.term, commit: effect.commitIndex })
    case 'answer': {
      const index = effect.index === 0 ? undefined : effect.index
      return line(`answer ${effect.request}`, { index, error: errorName(effect.error) })
    }
    case 'removed':
      return 'removed'
    case 'note':
      return `note ${formatNote(effect.note)}`
  }
}
