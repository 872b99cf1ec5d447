import type { Request } from '../harness/messages.ts'
import type { World } from '../harness/world.ts'
import { entriesOf, membersOf, positionOf } from './arguments.ts'
import type { Command } from './transcript-file.ts'

const kinds = ['append', 'heartbeat', 'vote', 'pre-vote', 'install', 'timeout-now']

/** A request made by hand: `append b from=a term=2 prev=3/1 entries=4..5/2 commit=4`. */
export function isInjection({ name, options }: Command): boolean {
  return kinds.includes(name) && options.has('from')
}

/** Hands a server a request that nobody sent. Its answer shows in the step and goes nowhere. */
export function inject(world: World, command: Command): void {
  const { words, options } = command
  world.checker.scripted = true
  const to = words[0] ?? ''
  const from = options.get('from') ?? ''
  world.node(to).receive({
    type: 'request',
    number: 0,
    from,
    to,
    life: 0,
    call: 0,
    copy: true,
    request: requestOf(command),
    unnamed: words.includes('unnamed'),
    address: options.get('address'),
  })
}

function requestOf({ name, words, options }: Command): Request {
  const term = Number(options.get('term') ?? 0)
  const last = positionOf(options.get('last') ?? '0/0')
  const asked = { term, lastIndex: last.index, lastTerm: last.term }
  switch (name) {
    case 'append': {
      const prev = positionOf(options.get('prev') ?? '0/0')
      const leaderCommit = Number(options.get('commit') ?? 0)
      const entries = entriesOf(options.get('entries'))
      return { kind: 'append', term, prevIndex: prev.index, prevTerm: prev.term, entries, leaderCommit }
    }
    case 'vote':
      return { kind: 'vote', ...asked, transfer: words.includes('transfer') }
    case 'pre-vote':
      return { kind: 'pre-vote', ...asked }
    case 'install': {
      const configuration = membersOf(options.get('members') ?? '')
      const configurationIndex = Number(options.get('at') ?? 1)
      const position = { ...positionOf(options.get('snapshot') ?? ''), configuration, configurationIndex }
      return { kind: 'install', term, snapshot: { position, state: 0 } }
    }
    case 'timeout-now':
      return { kind: 'timeout-now' }
    default:
      return { kind: 'heartbeat', term }
  }
}
