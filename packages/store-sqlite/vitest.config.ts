import { mergeConfig } from 'vitest/config'
import { base } from '../../tooling/vitest/base.mjs'

// Each test opens real files and starts a thread for each, which takes its time on a busy machine.
export default mergeConfig(base, { test: { testTimeout: 60_000 } })
