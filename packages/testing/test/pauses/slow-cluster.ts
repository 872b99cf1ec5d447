import assert from 'node:assert/strict'
import { bootstrapCluster, type Config, defaultConfig, Raft, type ServerID } from '@raft/core'
import { SeededRandom, SimulatedClock } from '../../src/index.ts'
import { calmDisk } from '../../src/world/disk-conditions.ts'
import { SimulatedDisk } from '../../src/world/simulated-disk.ts'
import { SimulatedNetwork } from '../../src/world/simulated-network.ts'
import { SimulatedProcess } from '../../src/world/simulated-process.ts'
import { Counter } from './counter.ts'
import { OpenBytes } from './open-bytes.ts'

/** Virtual milliseconds after which whatever a test waits for has failed. */
const LONG_STOP = 60_000

/** One server: a process that can be paused, with a disk that can be slow or hang. */
export class SlowNode {
  readonly id: ServerID
  readonly disk: SimulatedDisk
  fsm = new Counter()
  /** What it has under way to the others. */
  open = new OpenBytes()
  process!: SimulatedProcess
  raft!: Raft<number>

  constructor(id: ServerID, disk: SimulatedDisk) {
    this.id = id
    this.disk = disk
  }

  /** Each write to its disk takes this long from now on. */
  slowDown(milliseconds: number): void {
    this.disk.conditions = { ...calmDisk, minimumLatency: milliseconds, meanLatency: 0 }
  }
}

/** Real nodes with the default timeouts on simulated time, disks and network, of which nothing fails by itself. */
export class SlowCluster implements AsyncDisposable {
  readonly clock = new SimulatedClock()
  readonly network: SimulatedNetwork
  readonly nodes: readonly SlowNode[]
  readonly #random: SeededRandom
  readonly #config: Partial<Config>

  private constructor(seed: number, config: Partial<Config>) {
    const { clock } = this
    this.#random = new SeededRandom(seed)
    this.#config = config
    this.network = new SimulatedNetwork({ clock, random: this.#random.fork('network') })
    this.nodes = ['a', 'b', 'c'].map((id) => {
      return new SlowNode(id, new SimulatedDisk({ clock, random: this.#random.fork(id) }))
    })
  }

  /** Starts the nodes and waits until one leads. */
  static async start(
    options: { readonly seed?: number; readonly config?: Partial<Config> } = {},
  ): Promise<SlowCluster> {
    const { seed = 1, config = {} } = options
    const cluster = new SlowCluster(seed, config)
    const servers = cluster.nodes.map(({ id }) => ({ suffrage: 'Voter', id, address: id }) as const)
    for (const node of cluster.nodes) await cluster.launch(node, servers)
    await cluster.leader()
    return cluster
  }

  /** Starts a process on what the node's disk holds. */
  async launch(node: SlowNode, servers?: Parameters<typeof bootstrapCluster>[0]['configuration']['servers']) {
    const { clock, network } = this
    const config: Config = { ...defaultConfig(), ...this.#config, localID: node.id }
    const process = new SimulatedProcess({ name: node.id, clock })
    const transport = network.open({ process, address: node.id, timeout: 10_000 })
    const parts = { config, ...node.disk.open(process), transport }
    if (servers !== undefined) await this.settle(bootstrapCluster({ ...parts, configuration: { servers } }))
    node.process = process
    node.fsm = new Counter()
    node.open = new OpenBytes()
    node.open.watch(transport)
    const random = this.#random.fork(`${node.id} ${clock.now()}`).next
    node.raft = await this.settle(Raft.start({ ...parts, fsm: node.fsm, clock: process.clock, random }))
  }

  /** Ends a process as SIGKILL would. */
  kill(node: SlowNode): void {
    node.process.kill()
    node.disk.crash()
  }

  /** The node that leads, once all whose processes run and that can hear it know. */
  async leader(among: readonly SlowNode[] = this.nodes): Promise<SlowNode> {
    const leading = (): SlowNode | undefined => {
      const known = new Set(among.map(({ raft }) => raft.leader?.id))
      const found = among.find(({ id, raft }) => raft.state === 'Leader' && known.size === 1 && known.has(id))
      return found !== undefined && found.raft.appliedIndex === found.raft.lastIndex ? found : undefined
    }
    await this.until(() => leading() !== undefined, 'one node leads and the others know')
    return leading()!
  }

  followersOf(leader: SlowNode): SlowNode[] {
    return this.nodes.filter((node) => node !== leader)
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    assert.ok(await this.clock.until(condition, LONG_STOP), `waited in vain until ${what}`)
  }

  settle<T>(promise: PromiseLike<T>): Promise<T> {
    return this.clock.run(promise, LONG_STOP)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { disk, process, raft } of this.nodes) {
      disk.release()
      if (process.isPaused) process.resume()
      if (!process.isDead) await this.settle(raft.shutdown())
    }
  }
}

/** A caller that applies a command every so often, whatever becomes of the earlier ones. */
export class SteadyLoad {
  /** How long each command that was acknowledged took. */
  readonly took: number[] = []
  /** Codes of the errors of those that were not. */
  readonly errors: string[] = []
  sent = 0
  readonly #cluster: SlowCluster
  readonly #node: SlowNode
  #on = true

  constructor(cluster: SlowCluster, node: SlowNode, { every, bytes = 16 }: { every: number; bytes?: number }) {
    this.#cluster = cluster
    this.#node = node
    const send = (): void => {
      if (!this.#on) return
      node.process.run(() => this.#apply(new Uint8Array(bytes)))
      cluster.clock.setTimer(send, every)
    }
    send()
  }

  /** Sends nothing more. */
  stop(): void {
    this.#on = false
  }

  #apply(command: Uint8Array): void {
    const { clock } = this.#cluster
    const begun = clock.now()
    this.sent += 1
    this.#node.raft.apply(command).then(
      () => this.took.push(clock.now() - begun),
      (error: { code: string }) => this.errors.push(error.code),
    )
  }
}
