import { findState } from './found-state.ts'
import type { ConfigurationOptions } from './options.ts'
import type { ConfigurationResult } from './results.ts'
import { checkConfig, checkContracts } from './start.ts'

/**
 * The newest configuration in the stores of a server that is not running, committed or not, and its index
 * (`GetConfiguration`). Changes nothing, and needs no FSM. Rejects as `Raft.start` does on what the stores hold.
 */
export async function getConfiguration(options: ConfigurationOptions): Promise<ConfigurationResult> {
  const { config, transport } = options
  checkContracts(options)
  checkConfig(config, transport)
  const { initial } = await findState({ ...options, codec: transport, restore: async () => undefined, repair: false })
  const newest = initial.configurations.at(-1)
  if (newest !== undefined && newest.index > (initial.snapshot?.configurationIndex ?? 0)) return newest
  const { configuration, configurationIndex } = initial.snapshot ?? {
    configuration: { servers: [] },
    configurationIndex: 0,
  }
  return { configuration, index: configurationIndex }
}
