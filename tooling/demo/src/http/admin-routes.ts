import { type Store } from '../store.ts'
import { type Answer, HTTPError, ok, parseJSON, type Request } from './exchange.ts'

type Fields = Readonly<Record<string, unknown>>
type Action = (fields: Fields, store: Store) => Promise<object>

// A server that is added is sent everything before it gets its vote, which takes as long as it takes.
const catchingUp = 60_000

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['add-voter', ({ id, address }, { replica }) => replica.addVoter(text({ id }), text({ address }), patience())],
  ['add-nonvoter', ({ id, address }, { replica }) => replica.addNonvoter(text({ id }), text({ address }), patience())],
  ['demote', ({ id }, { replica }) => replica.demoteVoter(text({ id }), patience())],
  ['remove', ({ id }, { replica }) => replica.removeServer(text({ id }), patience())],
  ['transfer', transfer],
  ['snapshot', snapshot],
  ['barrier', barrier],
])

/** `POST /admin/ACTION` with the parameters as a JSON object. */
export async function admin(request: Request, store: Store): Promise<Answer> {
  const name = request.path.slice('admin/'.length)
  const action = actions.get(name)
  if (action === undefined) throw new HTTPError(404, `there are: ${[...actions.keys()].join(', ')}`)
  if (request.method !== 'POST') throw new HTTPError(405, 'POST')
  return ok(await action(parseJSON(request.body), store))
}

async function transfer({ id }: Fields, { replica }: Store): Promise<object> {
  if (id === undefined) await replica.leadershipTransfer()
  else {
    const { servers } = replica.getConfiguration().configuration
    const server = servers.find((each) => each.id === text({ id }))
    if (server === undefined) throw new HTTPError(404, `there is no server ${text({ id })}`)
    await replica.leadershipTransferToServer(server.id, server.address)
  }
  return { leader: replica.leader ?? null }
}

/** The log is compacted a moment later: `/status` shows it. */
async function snapshot(_: Fields, { replica }: Store): Promise<object> {
  const { id, index, term, size } = (await replica.snapshot()).meta
  return { snapshot: { id, index, term, size } }
}

async function barrier(_: Fields, { replica, wait }: Store): Promise<object> {
  await replica.barrier(wait())
  return { appliedIndex: replica.appliedIndex }
}

function text(named: Fields): string {
  const [[name, value] = ['', undefined]] = Object.entries(named)
  if (typeof value !== 'string' || value === '') throw new HTTPError(400, `${name} is missing`)
  return value
}

function patience(): { signal: AbortSignal } {
  return { signal: AbortSignal.timeout(catchingUp) }
}
