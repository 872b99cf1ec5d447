import type { Awaitable } from '../interfaces/awaitable.ts'
import type { FSM, FSMSnapshot, SnapshotSource } from '../interfaces/fsm.ts'
import { type Log, LogType } from '../types/log.ts'
import type { PeerCodec } from '../wire/codec/legacy-peers.ts'
import { configurationOf } from './entries.ts'
import type { Meter } from './meter.ts'
import { isThenable } from './settle.ts'

/** From this protocol version on the FSM is told the configurations. */
const CONFIGURATIONS_FOR_FSM = 3

/** What calling the FSM takes. */
export interface FSMCallsOptions {
  readonly fsm: FSM
  readonly meter: Meter
  readonly codec: PeerCodec
  readonly protocolVersion: number
}

/** The user's FSM with its optional methods, which are looked up once; measured. */
export class FSMCalls {
  readonly #fsm: FSM
  readonly #meter: Meter
  readonly #codec: PeerCodec
  readonly #applyBatch: FSM['applyBatch']
  readonly #storeConfiguration: FSM['storeConfiguration']
  readonly #givesConfigurations: boolean

  constructor({ fsm, meter, codec, protocolVersion }: FSMCallsOptions) {
    this.#fsm = fsm
    this.#meter = meter
    this.#codec = codec
    this.#givesConfigurations = protocolVersion >= CONFIGURATIONS_FOR_FSM
    this.#applyBatch = fsm.applyBatch?.bind(fsm)
    this.#storeConfiguration = this.#givesConfigurations ? fsm.storeConfiguration?.bind(fsm) : undefined
  }

  /** It takes commands in batches. */
  get batches(): boolean {
    return this.#applyBatch !== undefined
  }

  /** Whether the entry is one that `applyBatch` gets. */
  isForBatch(log: Log): boolean {
    return log.type === LogType.Command || (log.type === LogType.Configuration && this.#givesConfigurations)
  }

  /** Whether the entry is one that `storeConfiguration` gets. */
  isStored(log: Log): boolean {
    return log.type === LogType.Configuration && this.#storeConfiguration !== undefined
  }

  /** Gives the FSM one entry, if it is one for it. */
  apply(log: Log): Awaitable<unknown> {
    if (log.type === LogType.Command) {
      return this.#meter.active ? this.#timed('raft.fsm.apply', () => this.#fsm.apply(log)) : this.#fsm.apply(log)
    }
    return this.isStored(log) ? this.storeConfiguration(log) : undefined
  }

  /** Gives the FSM entries for which `isForBatch` holds. */
  applyBatch(logs: readonly Log[]): Awaitable<readonly unknown[]> {
    const call = (): Awaitable<readonly unknown[]> => this.#applyBatch!(logs)
    return this.#meter.active ? this.#timed('raft.fsm.applyBatch', call) : call()
  }

  storeConfiguration(log: Log): Awaitable<void> {
    const configuration = configurationOf(log, this.#codec)
    return this.#timed('raft.fsm.store_config', () => this.#storeConfiguration!(log.index, configuration))
  }

  snapshot(): Awaitable<FSMSnapshot> {
    return this.#timed('raft.fsm.snapshot', () => this.#fsm.snapshot())
  }

  async restore(source: SnapshotSource): Promise<void> {
    const begun = this.#meter.begin()
    await this.#timed('raft.fsm.restore', () => this.#fsm.restore(source))
    if (this.#meter.active) this.#meter.gauge('raft.fsm.lastRestoreDuration', this.#meter.begin() - begun)
  }

  #timed<T>(name: string, call: () => Awaitable<T>): Awaitable<T> {
    const begun = this.#meter.begin()
    const result = call()
    if (!isThenable(result)) {
      this.#meter.timer(name, begun)
      return result
    }
    return result.then((value) => {
      this.#meter.timer(name, begun)
      return value
    })
  }
}
