// Who belongs to the cluster, changed under either kind of leader.
import type { Cluster } from '../cluster/cluster.ts'
import { claim, until } from '../cluster/wait.ts'
import type { ServerRow } from '../control/protocol.ts'
import type { PeerProcess } from '../peers/peer-process.ts'
import type { Scenario } from './scenario.ts'

type Suffrage = ServerRow['suffrage']

/** Waits until all name the same members, among them this one with this suffrage, or without it. */
async function allSay(cluster: Cluster, id: string, suffrage: Suffrage | undefined): Promise<void> {
  await until(`all to say that ${id} is ${suffrage ?? 'gone'}`, async () => {
    const members = cluster.awake.filter((peer) => peer.id !== id || suffrage !== undefined)
    const all = await Promise.all(members.map(async (peer) => (await peer.control.configuration()).servers))
    const views = all.map((servers) => servers.map((each) => `${each.id} ${each.address} ${each.suffrage}`).join())
    if (new Set(views).size > 1) return undefined
    return all.every((servers) => servers.find((each) => each.id === id)?.suffrage === suffrage) || undefined
  })
}

const change: Scenario = {
  name: 'addNonvoter, addVoter, demote, remove',
  leaders: 'each',
  quick: true,
  async play({ cluster, leader, mark }) {
    for (const kind of ['ts', 'go'] as const) {
      const joiner = await cluster.add(kind)
      await joiner.start()
      await joinAndLeave(cluster, leader, joiner)
      await leader.control.put(`${mark}-${kind}`, 'x')
      await cluster.settled()
    }
  },
}

async function joinAndLeave(cluster: Cluster, leader: PeerProcess, joiner: PeerProcess): Promise<void> {
  const { id, address } = joiner
  await leader.control.change('addNonvoter', id, address)
  await allSay(cluster, id, 'Nonvoter')
  await cluster.settled()
  await leader.control.change('addVoter', id, address)
  await allSay(cluster, id, 'Voter')
  await leader.control.change('demoteVoter', id)
  await allSay(cluster, id, 'Nonvoter')
  await leader.control.change('addVoter', id, address)
  await allSay(cluster, id, 'Voter')
  await leader.control.change('removeServer', id)
  await allSay(cluster, id, undefined)
  await cluster.drop(joiner)
}

/** Ours alone adds a voter by way of staging; Go's servers have to keep such an entry and to go on. */
const staging: Scenario = {
  name: 'a staging server is known to all',
  leaders: 'ts',
  async play({ cluster, leader }) {
    const absent = await cluster.add('go')
    const adding = leader.control.change('addVoter', absent.id, absent.address).catch((error: unknown) => error)
    await allSay(cluster, absent.id, 'Staging')
    await leader.control.put(`${absent.id}-meanwhile`, 'x')
    await absent.start()
    await adding
    await allSay(cluster, absent.id, 'Voter')
    await cluster.settled()
    await leader.control.change('removeServer', absent.id)
    await allSay(cluster, absent.id, undefined)
    await cluster.drop(absent)
  },
}

/** A leader takes itself out; the others go on, and take it in again. */
const leaving: Scenario = {
  name: 'a leader removes itself and comes back',
  leaders: 'each',
  async play({ cluster, leader, mark }) {
    await leader.control.change('removeServer', leader.id)
    await leader.kill()
    const next = await cluster.leader()
    await next.control.put(`${mark}-without`, 'x')
    await leader.start()
    await next.control.change('addVoter', leader.id, leader.address)
    await allSay(cluster, leader.id, 'Voter')
    await cluster.settled()
  },
}

const stale: Scenario = {
  name: 'prevIndex refuses what is out of date',
  leaders: 'each',
  async play({ cluster, leader }) {
    const target = cluster.others(leader)[0]
    claim(target !== undefined, 'alone')
    const refused = await leader.control
      .change('addVoter', target.id, target.address, { prevIndex: 1_000_000 })
      .catch((error: unknown) => String(error))
    claim(String(refused).includes('configuration changed since 1000000'), String(refused))
  },
}

/** Scenarios about membership. */
export const memberScenarios: readonly Scenario[] = [change, staging, leaving, stale]
