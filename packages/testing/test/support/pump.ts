import type { SimulatedClock } from '../../src/index.ts'

/** Moves a clock on for as long as anything is planned, for code that waits for it without knowing. Returns what ends it. */
export function pump(clock: SimulatedClock): () => void {
  let running = true
  const run = async (): Promise<void> => {
    while (running) if (!(await clock.step())) await new Promise((resolve) => setImmediate(resolve))
  }
  void run()
  return () => {
    running = false
  }
}
