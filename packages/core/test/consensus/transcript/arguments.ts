import type { Settings } from '../../../src/consensus/settings.ts'
import type { Configuration, Server } from '../../../src/types/configuration.ts'
import { LogType, type Position } from '../../../src/types/log.ts'
import type { Entry } from '../harness/entries.ts'
import { serverOf } from '../harness/world.ts'
import type { Command } from './transcript-file.ts'

/** `5/2`: index 5, term 2. */
export function positionOf(text: string): Position {
  const [index, term] = text.split('/').map(Number)
  if (index === undefined || term === undefined || Number.isNaN(index + term)) throw new Error(`no position: ${text}`)
  return { index, term }
}

/** `a,b,c:nonvoter,d:staging`, an address after `@`. */
export function membersOf(text: string): Configuration {
  const suffrages = { voter: 'Voter', nonvoter: 'Nonvoter', staging: 'Staging' } as const
  const servers = text.split(',').map((word): Server => {
    const [, id = '', address, suffrage] = /^([^@:]+)(?:@(.+?))?(?::(voter|nonvoter|staging))?$/.exec(word) ?? []
    const server = serverOf(id, suffrages[(suffrage ?? 'voter') as keyof typeof suffrages])
    return address === undefined ? server : { ...server, address }
  })
  return { servers }
}

/** `4..6/2,7/3[a,b,c]`: entries 4 to 6 of term 2, and a configuration at 7. */
export function entriesOf(text: string | undefined): readonly Entry[] {
  if (text === undefined || text === '-') return []
  const found: Entry[] = []
  for (const [, indexes = '', term, members] of text.matchAll(/([\d.]+)\/(\d+)(?:\[([^\]]*)\])?/g)) {
    const [first, last = first] = indexes.split('..').map(Number)
    for (let index = first!; index <= last!; index++) {
      const configuration = members === undefined ? undefined : membersOf(members)
      const type = configuration === undefined ? LogType.Command : LogType.Configuration
      const id = `${configuration === undefined ? 'x' : 'config'}@${index}/${term}`
      found.push({ index, term: Number(term), type, id, configuration })
    }
  }
  return found
}

/** The settings that the options of a command change. */
export function settingsIn({ options }: Command): Partial<Settings> {
  const numbers = {
    heartbeat: 'heartbeatTimeout',
    election: 'electionTimeout',
    commit: 'commitTimeout',
    lease: 'leaderLeaseTimeout',
    batch: 'maxAppendEntries',
    trailing: 'trailingLogs',
    version: 'protocolVersion',
  } as const
  const changes: { -readonly [K in keyof Settings]?: Settings[K] } = {}
  for (const [name, value] of options) {
    if (name in numbers) changes[numbers[name as keyof typeof numbers]] = Number(value)
    if (name === 'prevote') changes.preVote = value === 'on'
    if (name === 'gaps') changes.toleratesGaps = value === 'on'
  }
  return changes
}
