// Claims about what a package exports.
import ts from 'typescript'
import { complaintsAboutParameters, isDocumented } from './signatures.mjs'

/** `{ name }` and perhaps `as`, `parameters`, `shape`, `value`, `members`, `type`. */
export function* complaintsAboutExport(claim, { exported, values }, checker) {
  const { name, as } = claim
  const symbol = exported.get(name)
  if (symbol === undefined) return yield `${name} is not declared`
  if (!isDocumented(symbol, checker)) yield `${name} has no doc comment`
  if (as !== undefined) yield* complaintsAboutValue(claim, values)
  else if (!(symbol.flags & (ts.SymbolFlags.Type | ts.SymbolFlags.Class))) yield `${name} is no type`
  if (as === 'object' && !(symbol.flags & ts.SymbolFlags.TypeAlias)) yield `${name} is no type of its values`
  if (claim.shape !== undefined) yield* complaintsAboutShape(name, claim.shape, symbol, checker)
  if (claim.parameters !== undefined) {
    const type = checker.getTypeOfSymbol(symbol)
    const signatures = as === 'class' ? type.getConstructSignatures() : type.getCallSignatures()
    yield* complaintsAboutParameters(name, claim.parameters, signatures, checker)
  }
}

function* complaintsAboutValue({ name, as, value, members = [] }, values) {
  const found = values[name]
  if (found === undefined) return yield `${name} is not exported`
  const kind = typeof found === 'function' && /^class\b/.test(String(found)) ? 'class' : typeof found
  if (kind !== as) yield `${name} is a ${kind} and not a ${as}`
  if (value !== undefined && found !== value) yield `${name} is ${found} and not ${value}`
  for (const [key, number] of members) {
    if (found[key] !== number) yield `${name}.${key} is ${found[key]} and not ${number}`
  }
}

/** `{ meta, open() }`: a field, a method, or `name: Type`. */
function* complaintsAboutShape(name, shape, symbol, checker) {
  const type = checker.getDeclaredTypeOfSymbol(symbol)
  for (const field of shape.slice(2, -2).split(', ')) {
    const [, key, call, expected] = /^(\w+)(\(\))?(?:: (.*))?$/.exec(field)
    const property = type.getProperty(key)
    if (property === undefined) {
      yield `${name} has no ${key}`
      continue
    }
    const found = checker.getTypeOfSymbol(property)
    if (call !== undefined && found.getCallSignatures().length === 0) yield `${name}.${key} cannot be called`
    const text = checker.typeToString(found)
    if (expected !== undefined && text !== expected) yield `${name}.${key} is ${text} and not ${expected}`
  }
}

/** `{ name, values, listed }`: a type whose values are these strings; each is also what it is called. */
export function* complaintsAboutUnion({ name, values: expected, listed }, { exported, values }, checker) {
  const symbol = exported.get(name)
  if (symbol === undefined) return yield `${name} is not declared`
  if (!isDocumented(symbol, checker)) yield `${name} has no doc comment`
  const type = checker.getDeclaredTypeOfSymbol(symbol)
  const members = type.isUnion() ? type.types : [type]
  if (!members.every((it) => it.isStringLiteral())) yield `${name} is not only strings`
  const found = members.map((it) => it.value)
  const differs = expected?.length !== found.length || !found.every((it) => expected.includes(it))
  if (expected !== undefined && differs) yield `${name} is ${found.join(' | ')}`
  if (listed !== undefined && values[listed]?.join() !== expected.join()) yield `${listed} is ${values[listed]}`
}

/** `{ name }`: each number of an object of numbers has the name of its key. */
export function* complaintsAboutNames({ name }, { values }) {
  const nameOf = values[`${name[0].toLowerCase()}${name.slice(1)}Name`]
  if (nameOf === undefined) return yield `the names of ${name} are not exported`
  const first = new Map()
  for (const [key, number] of Object.entries(values[name] ?? {})) if (!first.has(number)) first.set(number, key)
  for (const [number, key] of first)
    if (nameOf(number) !== key) yield `${number} is called ${nameOf(number)} and not ${key}`
}
