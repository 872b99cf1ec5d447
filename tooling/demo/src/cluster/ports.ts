import { createServer } from 'node:net'

/** Whether this process could listen there now. */
export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}

// Below the ports that systems give to outgoing connections: a port from among those could be taken by one while its
// node is down, and the node could not come back.
const lowest = 15_000
const highest = 30_000

/** The first of `count` ports in a row that are free now, chosen at random so that two runs do not meet. */
export async function freePortBase(count: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const base = lowest + Math.floor(Math.random() * (highest - lowest - count))
    if ((await takenPorts(base, count)).length === 0) return base
  }
  throw new Error(`no ${count} free ports in a row between ${lowest} and ${highest}`)
}

/** Those of `count` ports in a row that are in use. */
export async function takenPorts(base: number, count: number): Promise<readonly number[]> {
  const ports = Array.from({ length: count }, (_, offset) => base + offset)
  const free = await Promise.all(ports.map((port) => isFree(port)))
  return ports.filter((_, at) => !free[at])
}
