import { ConfigurationChangeCommand } from '../../../src/types/configuration.ts'
import type { TestNode } from '../harness/test-node.ts'
import type { World } from '../harness/world.ts'
import { membersOf } from './arguments.ts'
import type { Command } from './transcript-file.ts'

const changes = {
  'add-voter': ConfigurationChangeCommand.AddVoter,
  'add-nonvoter': ConfigurationChangeCommand.AddNonvoter,
  'demote-voter': ConfigurationChangeCommand.DemoteVoter,
  'remove-server': ConfigurationChangeCommand.RemoveServer,
} as const

/** What callers ask of a server: `propose a x y`, `read a`, `add-voter a d`. False if the command is none of these. */
export function ask(world: World, node: TestNode, { name, words, options }: Command): boolean {
  const commands: Readonly<Record<string, () => unknown>> = {
    propose: () => node.propose(words.slice(1)),
    read: () => world.read(node, true),
    verify: () => world.read(node, false),
    transfer: () => world.transfer(node, words[1], options.get('address')),
    bootstrap: () => world.askBootstrap(node, membersOf(words[1] ?? '')),
    restore: () => world.restore(node, Number(words[1] ?? 0)),
    withdraw: () => world.withdraw(node, Number(words[1])),
  }
  if (name in changes) {
    const address = options.get('address')
    world.change(node, {
      command: changes[name as keyof typeof changes],
      id: words[1] ?? '',
      prevIndex: Number(options.get('prev') ?? 0),
      ...(address === undefined ? {} : { address }),
    })
    return true
  }
  const act = commands[name]
  act?.()
  return act !== undefined
}
