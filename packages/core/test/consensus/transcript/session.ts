import { isRaftError, SnapshotError } from '../../../src/types/errors.ts'
import type { Part } from '../harness/disk.ts'
import { formatMessage } from '../harness/format.ts'
import type { Message } from '../harness/messages.ts'
import type { TestNode } from '../harness/test-node.ts'
import { settingsOf, World } from '../harness/world.ts'
import { entriesOf, membersOf, positionOf, settingsIn } from './arguments.ts'
import { ask } from './asking.ts'
import { inject, isInjection } from './injection.ts'
import { describeDisk, describeNode, describeProgress, Printer } from './printer.ts'
import { type Command, parseCommand } from './transcript-file.ts'

/** Draws in the order of the names, so that `a` is always the first to lose patience. */
const draws = [0, 0.25, 0.5, 0.75, 0.9]

/** Runs the commands of one transcript on a world of its own. */
export class Session {
  readonly world = new World()
  readonly printer = new Printer()
  readonly #random = new Map<string, number>()

  constructor() {
    this.world.trace = (node, event, effects) => this.printer.step(node, event, effects)
  }

  /** Runs the lines, comments left out, and returns what they print. A `~` before a command keeps it silent. */
  run(lines: readonly string[]): string {
    const printed: string[] = []
    for (const line of lines) {
      if (line.trim() === '' || line.startsWith('#')) continue
      const silent = line.startsWith('~')
      this.#execute(parseCommand(silent ? line.slice(1) : line))
      const text = this.printer.take()
      if (!silent && text !== '') printed.push(text)
    }
    return printed.join('\n')
  }

  #execute(command: Command): void {
    const { name, words } = command
    if (isInjection(command)) return inject(this.world, command)
    const node = this.world.nodes.get(words[0] ?? '')
    if (node !== undefined && ask(this.world, node, command)) return
    if (node !== undefined && this.#operate(node, command)) return
    const commands: Readonly<Record<string, () => void>> = {
      servers: () => this.#servers(command),
      start: () => this.#each(words, (each) => this.#start(each)),
      advance: () => this.world.advance(Number(words[0])),
      run: () => this.world.advance(Number(words[0]), (message) => this.#note(message, words.slice(1))),
      wait: () => (this.world.time += Number(words[0])),
      deliver: () => this.#messages(command, (message) => this.world.deliver(message)),
      lose: () => this.#messages(command, (message) => this.world.lose(message)),
      duplicate: () => this.#messages(command, (message) => this.world.duplicate(message)),
      settle: () => this.world.settle((message) => this.#note(message, words)),
      messages: () => this.#listMessages(),
      state: () => this.#each(words, (each) => this.printer.say(describeNode(each))),
      'show-heartbeats': () => (this.printer.showsHeartbeats = true),
      'allow-steps-back': () => (this.world.checker.allowsStepsBack = true),
      unchecked: () => (this.world.checker.off = true),
    }
    const act = commands[name]
    if (act === undefined) throw new Error(`there is no command ${name}${words[0] === undefined ? '' : ` ${words[0]}`}`)
    act()
  }

  /** What happens to one server. False if the command is none of these. */
  #operate(node: TestNode, { name, words, options }: Command): boolean {
    const count = Number(words[1] ?? 1)
    const commands: Readonly<Record<string, () => void>> = {
      timeout: () => {
        this.world.time = Math.max(this.world.time, Math.ceil(node.rules.deadline))
        node.step({ type: 'elapsed' })
      },
      // An election without trouble, through the commit of the leader's first entry everywhere.
      elect: () => {
        this.world.time = Math.max(this.world.time, Math.ceil(node.rules.deadline))
        node.step({ type: 'elapsed' })
        this.world.advance(200, () => true)
      },
      deadline: () => {
        const left = Math.round(node.rules.deadline - this.world.now(node))
        this.printer.say(`${node.id} wants to be woken in ${left}`)
      },
      hold: () => this.#hold(node, words.slice(1), true),
      release: () => this.#hold(node, words.slice(1), false),
      write: () => node.finishWrites(count),
      apply: () => node.finishFsmWork(words[1] === undefined ? Infinity : count),
      receive: () => {
        const text = options.get('error')
        if (node.ingesting === undefined) node.finishReceiving(text === undefined ? undefined : new Error(text))
        else node.finishIngesting(text === undefined ? undefined : new SnapshotError(text, { outcome: 'rejected' }))
      },
      crash: () =>
        node.crash({ whole: Number(options.get('whole') ?? 0), part: (options.get('part') ?? 'nothing') as Part }),
      wipe: () => node.wipe(),
      pause: () => (node.paused = true),
      resume: () => (node.paused = false),
      snapshot: () => {
        node.beginSnapshot()
        node.finishSnapshot()
      },
      'begin-snapshot': () => void node.beginSnapshot(),
      'finish-snapshot': () => node.finishSnapshot(),
      // The node tells of a snapshot of its own FSM that was durable before it could be stopped.
      taken: () => {
        const configuration = membersOf(options.get('members') ?? node.id)
        const snapshot = { ...positionOf(words[1] ?? ''), configuration, configurationIndex: 1 }
        node.step({ type: 'snapshot-taken', snapshot })
      },
      random: () => this.#random.set(node.id, Number(words[1])),
      disk: () => this.#disk(node, options),
      progress: () => describeProgress(node).forEach((line) => this.printer.say(line)),
      settings: () => {
        node.settings = { ...node.settings, ...settingsIn({ name, words, options }) }
        node.step({ type: 'settings-changed', settings: node.settings })
      },
    }
    const act = commands[name]
    act?.()
    if (node.up) node.finishWhatIsNotHeld()
    return act !== undefined
  }

  /** `servers a b c`: started, with a first configuration on each disk. `members=` is it; `stopped` leaves them down. */
  #servers(command: Command): void {
    const ids = command.words.filter((word) => word !== 'stopped' && word !== 'empty')
    const members = membersOf(command.options.get('members') ?? ids.join(','))
    for (const [at, id] of ids.entries()) {
      this.#random.set(id, draws[at] ?? 0.95)
      const node = this.world.add(id, settingsOf(id, settingsIn(command)), () => this.#random.get(id) ?? 0)
      const isMember = members.servers.some((server) => server.id === id)
      if (isMember && !command.words.includes('empty')) this.world.bootstrap(node, members)
      if (!command.words.includes('stopped')) node.start()
    }
  }

  /** Shows a disk, or writes it: `disk a term=3 vote=b log=1/1[a,b],2..4/1 snapshot=5/2 members=a,b`. */
  #disk(node: TestNode, options: Command['options']): void {
    if (options.size === 0) return this.printer.say(describeDisk(node))
    const { disk } = node
    const vote = options.get('vote')
    const term = Number(options.get('term') ?? disk.vote.term)
    disk.vote = { term, candidate: vote === undefined ? undefined : { id: vote, address: `${vote}:1` } }
    const log = options.get('log')
    if (log !== undefined) {
      disk.log.clear()
      for (const entry of entriesOf(log)) disk.log.append(entry)
    }
    const snapshot = options.get('snapshot')
    if (snapshot === undefined) return
    const configuration = membersOf(options.get('members') ?? [...this.world.nodes.keys()].join(','))
    const configurationIndex = Number(options.get('at') ?? 1)
    disk.snapshots.push({ position: { ...positionOf(snapshot), configuration, configurationIndex }, state: 0 })
  }

  /** Starts a server, or says why it does not. */
  #start(node: TestNode): void {
    try {
      node.start()
    } catch (error) {
      if (!isRaftError(error, 'ERR_RAFT_START')) throw error
      this.printer.say(`${node.id} does not start: ${error.message}`)
    }
  }

  #hold(node: TestNode, what: readonly string[], held: boolean): void {
    for (const word of what) {
      if (word === 'writes') node.holdWrites = held
      else if (word === 'applies') node.holdApplies = held
      else if (word === 'snapshots') node.holdReceiving = held
      else throw new Error(`nobody can hold ${word}`)
    }
    if (!held && node.up) node.finishWhatIsNotHeld()
  }

  #each(ids: readonly string[], act: (node: TestNode) => void): void {
    const all = ids.length === 0 ? [...this.world.nodes.keys()] : ids
    for (const id of all) act(this.world.node(id))
  }

  /** Whether the message goes between these servers; tells the printer what causes the next step. */
  #note(message: Message, between: readonly string[]): boolean {
    const chosen = between.length === 0 || (between.includes(message.from) && between.includes(message.to))
    if (chosen) this.printer.delivering = message
    return chosen
  }

  /** `deliver a->b append answer 2`: the first two of these; `#2` is the second one alone; `all` takes all. */
  #messages({ words }: Command, act: (message: Message) => void): void {
    const [way = '', ...rest] = words
    const [from = '*', to = '*'] = way.split('->')
    const kinds = rest.filter((word) => /^[a-z]/.test(word) && word !== 'all')
    const chosen = this.world.messages.filter((message) => {
      const matches = kinds.every((word) => word === message.request.kind || word === typeName(message))
      return matches && (from === '*' || from === message.from) && (to === '*' || to === message.to)
    })
    const only = Number(rest.find((word) => word.startsWith('#'))?.slice(1) ?? 0)
    const count = rest.includes('all') ? chosen.length : Number(rest.find((word) => /^\d/.test(word)) ?? 1)
    const taken = only > 0 ? chosen.slice(only - 1, only) : chosen.slice(0, count)
    if (taken.length === 0) throw new Error(`there is no message for: ${words.join(' ')}`)
    for (const message of taken) {
      this.printer.delivering = message
      act(message)
    }
  }

  #listMessages(): void {
    for (const message of this.world.messages) {
      if (message.request.kind !== 'heartbeat' || this.printer.showsHeartbeats) this.printer.say(formatMessage(message))
    }
  }
}

function typeName(message: Message): string {
  return message.type === 'response' ? 'answer' : message.type
}
