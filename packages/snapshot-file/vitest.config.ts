import { mergeConfig } from 'vitest/config'
import { base } from '../../tooling/vitest/base.mjs'

export default mergeConfig(base, {})
