// What functions take, and what is written about things.

/** Names for which the table says either: an object that holds everything. */
const wholes = new Set(['options', 'config'])

/** Whether a symbol, or what it implements, has a doc comment. */
export function isDocumented(symbol, checker) {
  return symbol.getDocumentationComment(checker).some(({ text }) => text.trim() !== '')
}

/** The complaints about the signature that comes nearest. A name is a parameter; a list of names are options of one. */
export function complaintsAboutParameters(name, parameters, signatures, checker) {
  if (signatures.length === 0) return [`${name} cannot be called so`]
  const all = signatures.map((signature) => [...complaintsAboutSignature(name, parameters, signature, checker)])
  return all.reduce((least, next) => (next.length < least.length ? next : least))
}

function* complaintsAboutSignature(name, parameters, signature, checker) {
  const found = signature.getParameters()
  for (const [at, parameter] of parameters.entries()) {
    const symbol = found[at]
    if (symbol === undefined) {
      yield `${name} takes no ${[parameter].flat().join(', ')}`
    } else if (Array.isArray(parameter)) {
      const type = checker.getNonNullableType(checker.getTypeOfSymbol(symbol))
      for (const option of parameter) {
        const property = type.getProperty(option)
        if (property === undefined) yield `${name} takes no option ${option}`
        else if (!isDocumented(property, checker) && !isPlain(option)) yield `the option ${option} has no doc comment`
      }
    } else if (!isNamed(symbol, parameter)) yield `${name} calls its parameter ${symbol.name} and not ${parameter}`
  }
  const needed = found.slice(parameters.length).filter((it) => !isOptional(it, checker))
  if (needed.length > 0) yield `${name} also needs ${needed.map((it) => it.name).join(', ')}`
}

/** What means the same wherever it stands is documented where it is declared. */
function isPlain(option) {
  return option === 'id' || option === 'address'
}

/** A parameter that is taken apart has no name of its own in a declaration. */
function isNamed(symbol, name) {
  return symbol.name === name || (wholes.has(symbol.name) && wholes.has(name)) || symbol.name.startsWith('__')
}

function isOptional(symbol, checker) {
  const declaration = symbol.valueDeclaration
  return declaration !== undefined && checker.isOptionalParameter(declaration)
}
