// One server of a cluster for tests, as a process; the counterpart of go/cmd/raftpeer.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from '@raft/core'
import { lineLogger } from '@raft-tooling/demo/log-lines'
import type { ControlRequest } from '../control/protocol.ts'
import { failureOf } from './apply.ts'
import { readOptions } from './options.ts'
import { startPeer, type TSPeer } from './peer.ts'
import { type Route, routesOf } from './routes.ts'

/** Writes one event as a line of JSON. */
function note(event: string, facts: object): void {
  process.stdout.write(`${JSON.stringify({ event, at: Date.now(), ...facts })}\n`)
}

async function watch({ raft }: TSPeer): Promise<void> {
  for await (const { data } of raft.observe()) {
    const term = raft.currentTerm
    if (data.type === 'state') note('state', { state: data.state, term })
    else if (data.type === 'leader') note('leader', { leader: data.leader?.id ?? '', term })
    else if (data.type === 'peer') note('peer', { peer: data.peer.id, removed: data.removed })
    else if (data.type === 'failure') note('failure', { error: String(data.error) })
  }
}

/** Notes when this process did nothing for a while: a leader that others lost may just not have had the processor. */
function watchLoop(): void {
  let last = performance.now()
  setInterval(() => {
    const now = performance.now()
    if (now - last > 120) note('blocked', { milliseconds: Math.round(now - last), cpu: process.cpuUsage() })
    last = now
  }, 20).unref()
}

async function readBody(request: IncomingMessage): Promise<ControlRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as ControlRequest)
}

async function answer(peer: TSPeer, route: Route, { request, response }: Exchange): Promise<void> {
  let status = 200
  let body: unknown
  try {
    body = (await route(await readBody(request))) ?? null
  } catch (error) {
    status = 409
    body = { error: failureOf(peer.raft, error) }
  }
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  const silent = (): void => undefined
  const lines = lineLogger((line) => process.stderr.write(line))
  const logger: Logger = options.logLevel === 'error' ? { ...lines, info: silent, warn: silent } : lines
  const peer = await startPeer(options, logger)
  if (options.stopWithParent) process.stdin.on('end', () => process.exit(0)).resume()
  void watch(peer)
  watchLoop()
  const routes = routesOf(peer)
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    if (path === '/stop') {
      response.setHeader('connection', 'close')
      void answer(peer, () => peer.raft.shutdown(), { request, response }).then(() =>
        server.close(() => process.exit(0)),
      )
      return
    }
    const route = routes.get(path)
    if (route === undefined) response.writeHead(404).end()
    else void answer(peer, route, { request, response })
  })
  server.keepAliveTimeout = 60_000
  const [host = '', port = '0'] = options.control.split(':')
  server.listen(Number(port), host, () => {
    const { address, port: taken } = server.address() as AddressInfo
    note('ready', { id: options.config.localID, control: `${address}:${taken}`, version: process.version })
  })
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exitCode = 1
})
