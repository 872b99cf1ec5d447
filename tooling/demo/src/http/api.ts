import { type Store } from '../store.ts'
import { admin } from './admin-routes.ts'
import { type Answer, type Handler, HTTPError, page, type Request } from './exchange.ts'
import { failure } from './failures.ts'
import { allKeys, oneKey } from './key-value-routes.ts'
import { dump, status } from './report-routes.ts'

const help = {
  'GET /kv/KEY': 'the value, certainly current; ?local for what this node has',
  'PUT /kv/KEY': 'sets it; If-None-Match: * to create only, If-Match: ETAG to set what nobody else has set since',
  'DELETE /kv/KEY': 'removes it',
  'GET /kv': 'all keys and values',
  'GET /status': 'what this node is and knows',
  'GET /dump': 'everything this node has, in the order of the log',
  'POST /admin/ACTION':
    'add-voter {id, address}, add-nonvoter {id, address}, demote {id}, remove {id}, transfer {id?}, snapshot, barrier',
}

/** The whole HTTP API of one node, as a handler that never throws. */
export function api(store: Store): Handler {
  return async (request) => {
    try {
      return await route(request, store)
    } catch (error) {
      return failure(error, request, { replica: store.replica, state: store.machine.state })
    }
  }
}

async function route(request: Request, store: Store): Promise<Answer> {
  const { path } = request
  if (path.startsWith('kv/') && path.length > 'kv/'.length) return oneKey(request, store)
  if (path.startsWith('admin/')) return admin(request, store)
  if (request.method !== 'GET')
    throw new HTTPError(path === 'kv' || path === '' ? 405 : 404, 'there is no such thing here')
  switch (path) {
    case 'kv':
      return allKeys(request, store)
    case 'status':
      return status(store)
    case 'dump':
      return dump(store)
    case '':
      return page(help)
    default:
      throw new HTTPError(404, 'there is no such thing here')
  }
}
