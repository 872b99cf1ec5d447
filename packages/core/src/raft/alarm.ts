import type { Clock, Timer } from '../interfaces/clock.ts'

/** What an alarm is made of. */
export interface AlarmOptions {
  readonly clock: Clock
  /** Milliseconds; a timer that is later than this means that the process was paused. */
  readonly patience: () => number
  /** When to ring, by the clock; Infinity for never. */
  readonly deadline: () => number
  readonly ring: () => void
}

/**
 * The node's one timer. It is set anew only for an earlier deadline; one that moved away is noticed when the timer
 * fires, so that a busy node hardly ever touches it.
 */
export class Alarm {
  readonly #options: AlarmOptions
  #timer: Timer | undefined
  #armedFor = Infinity
  #stopped = false

  constructor(options: AlarmOptions) {
    this.#options = options
  }

  /** Looks at the deadline again. */
  refresh(): void {
    const deadline = this.#options.deadline()
    if (this.#stopped || deadline >= this.#armedFor) return
    this.#arm(deadline)
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer !== undefined) this.#options.clock.clearTimer(this.#timer)
  }

  #arm(deadline: number): void {
    const { clock } = this.#options
    if (this.#timer !== undefined) clock.clearTimer(this.#timer)
    this.#armedFor = deadline
    this.#timer = clock.setTimer(() => this.#fire(), Math.max(0, deadline - clock.now()))
  }

  #fire(): void {
    const { clock, patience } = this.#options
    this.#timer = undefined
    const late = clock.now() - this.#armedFor
    // Until the sockets have had their turn, silence proves nothing: this process was not listening.
    if (late > patience()) clock.endOfTurn(() => this.#ring())
    else this.#ring()
  }

  #ring(): void {
    if (this.#stopped) return
    this.#armedFor = Infinity
    // Whoever rings looks at the deadline again afterwards.
    if (this.#options.deadline() <= this.#options.clock.now()) this.#options.ring()
    else this.refresh()
  }
}
