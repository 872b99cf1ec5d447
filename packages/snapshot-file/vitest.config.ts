import { mergeConfig } from 'vitest/config'
import { base } from '../../tooling/vitest/base.mjs'

// The tests sync real files, which takes its time on a busy machine.
export default mergeConfig(base, { test: { testTimeout: 60_000 } })
