// Claims about members of what a package exports.
import ts from 'typescript'
import { complaintsAboutParameters, isDocumented } from './signatures.mjs'

/** `{ owner, name }` and perhaps `static`, `call`, `getter`, `parameters`, `deprecated`. Types are for the probes. */
export function* complaintsAboutMember(claim, { exported, values }, checker) {
  const { owner, name } = claim
  const path = `${owner}.${name}`
  const symbol = exported.get(owner)
  if (symbol === undefined) return yield `${owner} is not declared`
  const type = claim.static === true ? checker.getTypeOfSymbol(symbol) : checker.getDeclaredTypeOfSymbol(symbol)
  const member = type.getProperty(name)
  if (member === undefined) return yield `${path} is not declared`
  if (!isDocumented(member, checker) && claim.deprecated !== true) yield `${path} has no doc comment`
  const signatures = checker.getNonNullableType(checker.getTypeOfSymbol(member)).getCallSignatures()
  if (claim.call === true && signatures.length === 0) yield `${path} cannot be called`
  if (claim.getter === true && !isReadOnly(member)) yield `${path} is no getter`
  if (claim.parameters !== undefined) yield* complaintsAboutParameters(path, claim.parameters, signatures, checker)
  const deprecated = member.getJsDocTags(checker).find((tag) => tag.name === 'deprecated')
  if (claim.deprecated === true && deprecated?.text === undefined) yield `${path} is not deprecated`
  yield* complaintsAboutClass(claim, symbol, values)
}

/** What is exported as a class has the member at run time too. */
function* complaintsAboutClass({ owner, name, ...claim }, symbol, values) {
  const found = values[owner]
  if (!(symbol.flags & ts.SymbolFlags.Class) || found === undefined) return
  if (typeof found !== 'function') return yield `${owner} is no class`
  const holder = claim.static === true ? found : found.prototype
  const descriptor = describe(holder, name)
  // A field is there from the constructor on.
  if (descriptor === undefined && claim.getter !== true) yield `${owner}.${name} is not there`
  else if (claim.call === true && typeof descriptor.value !== 'function') yield `${owner}.${name} is no function`
}

function describe(holder, name) {
  for (let at = holder; at !== null && at !== undefined; at = Object.getPrototypeOf(at)) {
    const descriptor = Object.getOwnPropertyDescriptor(at, name)
    if (descriptor !== undefined) return descriptor
  }
  return undefined
}

function isReadOnly(member) {
  if (member.flags & ts.SymbolFlags.Accessor) return !(member.flags & ts.SymbolFlags.SetAccessor)
  return member.declarations.every((it) => ts.getCombinedModifierFlags(it) & ts.ModifierFlags.Readonly)
}
