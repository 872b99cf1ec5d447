import type { Effect } from '../../../src/consensus/effects.ts'
import type { Event } from '../../../src/consensus/events.ts'
import {
  formatEffect,
  formatEntries,
  formatEvent,
  formatMembers,
  formatMessage,
  formatRuns,
} from '../harness/format.ts'
import type { Message } from '../harness/messages.ts'
import type { TestNode } from '../harness/test-node.ts'

/** Turns steps into lines. Heartbeats are left out while nothing else comes of them. */
export class Printer {
  showsHeartbeats = false
  /** What is being delivered, for the head of the step that it causes. */
  delivering: Message | undefined
  #lines: string[] = []

  take(): string {
    const text = this.#lines.join('\n')
    this.#lines = []
    return text
  }

  say(line: string): void {
    this.#lines.push(line)
  }

  step(node: TestNode, event: Event, effects: readonly Effect[]): void {
    const message = this.#causeOf(node, event)
    const isHeartbeat = message?.request.kind === 'heartbeat'
    const shown = effects.filter((effect) => this.#isShown(effect, isHeartbeat))
    const isPlain = isHeartbeat || event.type === 'elapsed' || event.type === 'persisted' || event.type === 'applied'
    if (shown.length === 0 && isPlain && !(isHeartbeat && this.showsHeartbeats)) return
    this.say(message === undefined ? `${node.id} ${formatEvent(event)}` : formatMessage(message))
    for (const effect of shown) this.say(`  ${formatEffect(effect, (inbound) => entriesOf(node, effect, inbound))}`)
  }

  #causeOf(node: TestNode, event: Event): Message | undefined {
    if ('inbound' in event && event.type !== 'snapshot-received') return node.inbounds.get(event.inbound)?.message
    return 'call' in event ? this.delivering : undefined
  }

  #isShown(effect: Effect, inHeartbeat: boolean): boolean {
    if (effect.type === 'note' && effect.note.name === 'leader-contact') return false
    if (this.showsHeartbeats) return true
    if (effect.type === 'heartbeat') return false
    const plain = effect.type === 'reply' && effect.message?.kind === 'appendEntries' && effect.message.success
    return !(inHeartbeat && plain)
  }
}

function entriesOf(node: TestNode, effect: Effect, inbound: number): string {
  const request = node.inbounds.get(inbound)?.message.request
  if (request?.kind !== 'append' || effect.type !== 'persist' || effect.entries?.from !== 'request') return '?'
  return formatEntries(request.entries.slice(effect.entries.skip))
}

/** A server in one line. */
export function describeNode(node: TestNode): string {
  if (!node.up) return `${node.id} is down`
  const { rules } = node
  const { index, configuration } = rules.latestConfiguration
  const { snapshot } = rules
  const facts = [
    `${node.id} ${rules.state}`,
    `term=${rules.term}`,
    rules.vote.candidate === undefined ? undefined : `vote=${rules.vote.candidate.id || rules.vote.candidate.address}`,
    `leader=${rules.leader?.id ?? 'nobody'}`,
    `log=${formatRuns(node.memory.runs, node.memory.last)}`,
    rules.durableIndex === rules.lastIndex ? undefined : `durable=${rules.durableIndex}`,
    `commit=${rules.commitIndex}`,
    `applied=${rules.appliedIndex}`,
    snapshot.index === 0 ? undefined : `snapshot=${snapshot.index}/${snapshot.term}`,
    `members=${formatMembers(configuration)}@${index}`,
  ]
  return facts.filter((fact) => fact !== undefined).join(' ')
}

/** A disk in one line. */
export function describeDisk({ id, disk }: TestNode): string {
  const { vote, log, newestSnapshot } = disk
  const facts = [
    `${id} disk`,
    `term=${vote.term}`,
    vote.candidate === undefined ? undefined : `vote=${vote.candidate.id || vote.candidate.address}`,
    `log=${formatRuns(log.runs, log.last)}`,
    newestSnapshot === undefined
      ? undefined
      : `snapshot=${newestSnapshot.position.index}/${newestSnapshot.position.term}`,
  ]
  return facts.filter((fact) => fact !== undefined).join(' ')
}

/** What a leader knows of the others, a line for each. */
export function describeProgress(node: TestNode): readonly string[] {
  const { role } = node.rules
  if (role.kind !== 'leader') return [`${node.id} does not lead`]
  return [...role.progress.values()].map((progress) => {
    const { peer, match, next, mode, appends, failures, catchUp, departing } = progress
    const facts = [
      `${node.id} of ${peer.id}: match=${match} next=${next} ${mode}`,
      appends.length === 0 ? undefined : `under-way=${appends.length}`,
      failures === 0 ? undefined : `failures=${failures}`,
      catchUp === undefined ? undefined : `round=${catchUp.round}${catchUp.done ? ' caught-up' : ''}`,
      departing === undefined ? undefined : 'departing',
    ]
    return facts.filter((fact) => fact !== undefined).join(' ')
  })
}
