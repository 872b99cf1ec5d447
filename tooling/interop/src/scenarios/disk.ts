// Restarts, snapshots that are sent, restored by a user, or opened by the other program.
import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from '../cluster/cluster.ts'
import { claim } from '../cluster/wait.ts'
import type { PeerProcess } from '../peers/peer-process.ts'
import type { Kind } from '../control/protocol.ts'
import { other, type Scenario } from './scenario.ts'

const restart: Scenario = {
  name: 'restart of each from its own disk',
  leaders: 'any',
  quick: true,
  async play({ cluster, leader, mark }) {
    await leader.control.put(mark, 'x')
    for (const peer of cluster.peers) {
      await peer.stop()
      await peer.start()
      await cluster.settled()
      claim((await peer.control.get(mark)) !== null, `${peer.id} has lost ${mark}`)
    }
  },
}

const outage: Scenario = {
  name: 'restart of all at once, as after a power cut',
  leaders: 'any',
  async play({ cluster, leader, mark }) {
    await leader.control.fill({ count: 200, bytes: 50, prefix: mark, window: 50 })
    await Promise.all(cluster.peers.map((peer) => peer.kill()))
    await cluster.startAll()
    await cluster.settled()
    for (const peer of cluster.peers) {
      claim((await peer.control.get(`${mark}199`)) !== null, `${peer.id} has lost ${mark}199`)
    }
  },
}

const install: Scenario = {
  name: 'InstallSnapshot to either kind',
  leaders: 'each',
  quick: true,
  async play({ cluster, leader, mark }) {
    for (const kind of ['ts', 'go'] as const) await installOn(cluster, leader, { kind, mark: `${mark}-${kind}` })
  },
}

async function installOn(cluster: Cluster, leader: PeerProcess, how: { kind: Kind; mark: string }): Promise<void> {
  const follower = cluster.ofKind(how.kind).find((peer) => peer !== leader)
  if (follower === undefined) return
  await follower.kill()
  // More than the entries that are kept behind a snapshot.
  await leader.control.fill({ count: 300, bytes: 50, prefix: how.mark, window: 64 })
  await leader.control.snapshot()
  await leader.control.put(`${how.mark}-tail`, 'x')
  await follower.start()
  await cluster.settled()
  const { firstIndex, snapshotIndex } = await follower.control.stats()
  const sent = await leader.control.stats()
  claim(snapshotIndex >= sent.snapshotIndex, `${follower.id} got no snapshot (${snapshotIndex}, first ${firstIndex})`)
  // And it starts again from what it was sent.
  await follower.kill()
  await follower.start()
  await cluster.settled()
}

const restore: Scenario = {
  name: "a user's restore, from the other program's snapshot",
  leaders: 'each',
  async play({ cluster, leader, mark }) {
    await leader.control.put(`${mark}-kept`, 'x')
    await cluster.settled()
    // What the other program has written, if it is there.
    const source = cluster.ofKind(other(leader.kind))[0] ?? leader
    await source.control.snapshot()
    const saved = await copyOf(source, `restore-${mark}`)
    await leader.control.put(`${mark}-undone`, 'x')
    await leader.control.restore(saved)
    await leader.control.put(`${mark}-after`, 'x')
    await cluster.settled()
    for (const peer of cluster.peers) {
      const [kept, undone, after] = await Promise.all(
        ['kept', 'undone', 'after'].map((name) => peer.control.get(`${mark}-${name}`)),
      )
      claim(kept !== null && undone === null && after !== null, `${peer.id} is in another state`)
    }
  },
}

const folders: Scenario = {
  name: 'snapshot folders open in the other program',
  leaders: 'any',
  quick: true,
  async play({ cluster, leader, mark }) {
    await leader.control.put(mark, 'x')
    for (const peer of cluster.peers) {
      // Nothing to take is no failure: the folder holds the one that was sent.
      await peer.control.snapshot().catch(() => undefined)
      const copy = await copyOf(peer, `folder-${mark}`)
      // One after the other: each writes a file there to see whether it may, and removes it.
      const views = [
        await cluster.ofKind('ts')[0]?.control.inspect(copy),
        await cluster.ofKind('go')[0]?.control.inspect(copy),
      ]
      const texts = views.filter((view) => view !== undefined).map((view) => JSON.stringify(view, sortKeys))
      claim(new Set(texts).size === 1, () => `the folder of ${peer.id} is read differently: ${texts.join('\n')}`)
      claim(
        views.every((view) => view === undefined || (view.length > 0 && view.every(({ hash }) => hash))),
        'damaged',
      )
    }
    await cluster.settled()
  },
}

const sortKeys = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** A copy of a server's snapshots, since opening a folder may tidy it up. */
async function copyOf(peer: PeerProcess, name: string): Promise<string> {
  const folder = join(peer.place.folder, '..', `${name}-${peer.id}`)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await cp(join(peer.place.folder, 'snapshots'), join(folder, 'snapshots'), { recursive: true })
  return folder
}

/** Scenarios about what is on disk. */
export const diskScenarios: readonly Scenario[] = [restart, outage, install, restore, folders]
