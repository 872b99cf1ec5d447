// Reads the third column of the table: what TypeScript has in place of a symbol, as claims that can be checked.

/** Who returns what became of Go's futures, where the cell names a type alone. */
const futures = {
  Future: 'barrier',
  ApplyFuture: 'apply',
  IndexFuture: 'addVoter',
  SnapshotFuture: 'snapshot',
  LeadershipTransferFuture: 'leadershipTransfer',
}

/**
 * Everything that a row says, as claims: `{ is, ...facts }`. `is` is one of `exported`, `member`, `union`, `names`,
 * `error`. Throws if any part of the cell is not understood: a row that nobody checks must not count.
 */
export function claimsOf(row) {
  if (row.kind === 'error') return [errorClaim(row.cell)]
  if (row.cell === 'the value is the name') return [{ is: 'union', name: row.symbol.split('.')[0] }]
  const claims = []
  for (const part of partsOf(row.cell)) claims.push(...claimsOfPart(part, row, claims.at(-1)))
  return claims
}

/** Splits at commas and at `and`, where no bracket is open. */
function partsOf(cell) {
  const parts = ['']
  let depth = 0
  for (let at = 0; at < cell.length; at++) {
    const character = cell[at]
    if ('([{<'.includes(character)) depth += 1
    else if (')]}>'.includes(character)) depth -= 1
    const separator = depth === 0 ? /^(, and |, | and )/.exec(cell.slice(at))?.[0] : undefined
    if (separator === undefined) parts[parts.length - 1] += character
    else {
      parts.push('')
      at += separator.length - 1
    }
  }
  return parts
}

const name = '[A-Za-z_]\\w*'

/** The forms of a part, and the claims that each makes. */
const forms = [
  [new RegExp(`^new (${name})\\((.*)\\)$`), (found) => [constructorClaim(found)]],
  [new RegExp(`^(${name}(?:\\.${name})?)\\(([^()]*)\\)(?:: ([^()]+?))?(?: \\(([^()]*)\\))?$`), callableClaims],
  [new RegExp(`^(${name})\\.(${name})(?: \\(getter(?:: ([^()]*))?\\))?$`), memberClaims],
  [new RegExp(`^(${name})(?:: | = )(\\{.*\\})$`), ([, type, shape]) => [{ is: 'exported', name: type, shape }]],
  [new RegExp(`^(${name}) = ('.*')(?: \\((.*)\\))?$`), unionClaims],
  [new RegExp(`^(${name}) \\((\\d+)\\)$`), ([, value, number]) => [{ ...constant(value), value: Number(number) }]],
  [new RegExp(`^(${name}) \\(const object(?:: (.*))?\\)$`), ([, object, list]) => [objectClaim(object, list)]],
  [/^Promise<.*>$/, ([type], { symbol }) => [{ is: 'member', owner: 'Raft', name: futures[symbol], type, call: true }]],
  [/^its names$/, (_, __, before) => [{ is: 'names', name: before.name }]],
  [/^([A-Z]+(?:_[A-Z]+)+)$/, ([, value]) => [constant(value)]],
  [new RegExp(`^(${name})$`), ([, exported]) => [{ is: 'exported', name: exported }]],
]

function claimsOfPart(part, row, before) {
  for (const [pattern, claims] of forms) {
    const found = pattern.exec(part)
    if (found !== null) return claims(found, row, before)
  }
  throw new Error(`'${part}' is not understood`)
}

function constructorClaim([, type, parameters]) {
  return { is: 'exported', name: type, as: 'class', parameters: parametersOf(parameters) }
}

function callableClaims([, path, parameters, type, remark], row, before) {
  const facts = {
    ...(parameters === '' && row.kind === 'type' ? {} : { parameters: parametersOf(parameters) }),
    ...(type === undefined ? {} : { type }),
    ...(remark?.startsWith('deprecated') === true ? { deprecated: true } : {}),
  }
  const [owner, member] = path.includes('.') ? path.split('.') : [undefined, path]
  if (owner !== undefined) return [{ is: 'member', owner, name: member, call: true, ...staticOf(row), ...facts }]
  // What follows a member, without an owner of its own, is a member of the same.
  if (before?.is === 'member') return [{ is: 'member', owner: before.owner, name: path, call: true, ...facts }]
  return [{ is: 'exported', name: path, as: 'function', ...facts }]
}

/** What takes the place of a function of Go belongs to the class and not to its instances. */
function staticOf({ kind }) {
  return kind === 'value' ? { static: true } : {}
}

function memberClaims([whole, owner, member, remark], { symbol, kind }) {
  const facts = { is: 'member', owner, name: member }
  if (symbol.endsWith('.GetRPCHeader')) return [{ ...facts, type: 'RPCHeader' }]
  if (!whole.includes('(getter')) return [{ ...facts, call: kind === 'member' }]
  // What stands behind the colon is a type, or says in words what the value means.
  return [{ ...facts, getter: true, ...(/^[{A-Z]/.test(remark ?? '') ? { type: remark } : {}) }]
}

function unionClaims([, union, members, remark]) {
  const values = members.split(' | ').map((it) => it.slice(1, -1))
  const numbered = remark?.startsWith('0, 1, 2') === true
  return [{ is: 'union', name: union, values, ...(numbered ? { listed: 'serverSuffrages' } : {}) }]
}

function objectClaim(object, list) {
  const members = list?.split(', ').map((it) => it.split(' '))
  const values = members === undefined ? {} : { members: members.map(([key, number]) => [key, Number(number)]) }
  return { is: 'exported', name: object, as: 'object', ...values }
}

function constant(exported) {
  return { is: 'exported', name: exported, as: 'number' }
}

/** `command, { timeout, signal }` as names and lists of names. */
function parametersOf(text) {
  if (text.trim() === '') return []
  return partsOf(text).map((part) => {
    const options = /^\{ (.*) \}$/.exec(part)
    return options === null ? part : options[1].split(', ').filter((option) => option !== '...')
  })
}

function errorClaim(cell) {
  const found = /^(\w+), code (ERR_RAFT_\w+)(?: \(([^)]*)\))?(?:, carries (.*))?$/.exec(cell)
  if (found === null) throw new Error(`'${cell}' is not understood`)
  const [, type, code, remark, carries] = found
  const outcome = { 'outcome unknown': 'unknown', 'nothing was submitted': 'rejected' }[remark ?? '']
  if (remark !== undefined && outcome === undefined) throw new Error(`'${remark}' is not understood`)
  return { is: 'error', name: type, code, carries, outcome }
}
