import { mergeConfig } from 'vitest/config'
import { base } from '../vitest/base.mjs'

// One file after another: each starts several processes, and a build server has two cores.
export default mergeConfig(base, { test: { fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000 } })
