// Whether a type is what the table says is for the compiler to decide: each such claim becomes a function that returns
// what there is as what there should be.

/** The line that compiles if the claim's type is right; undefined for a claim without a type. */
export function probeOf(claim, entry, at) {
  if (claim.type === undefined || claim.is !== 'member') return undefined
  const { owner, name, call } = claim
  const generic = owner === 'Raft' && claim.static !== true
  const whole = `${claim.static === true ? 'typeof ' : ''}import('${entry}').${owner}${generic ? '<R>' : ''}`
  const found = claim.static === true ? `${whole}.${name}` : `${whole}['${name}']`
  const result = call === true ? `ReturnType<${found}>` : found
  return `export function probe${at}<R>(value: ${result}): ${written(claim.type, entry)} { return value }`
}

/** The type as TypeScript: names are imported, and `{ id, address }` are fields of any type. */
function written(type, entry) {
  const fields = type.replace(
    /\{ ([^}]*) \}/g,
    (_, list) =>
      `{ ${list
        .split(', ')
        .map((it) => `${it}: unknown`)
        .join('; ')} }`,
  )
  return fields.replace(/\b[A-Z]\w+/g, (word) => (known.has(word) ? word : `import('${entry}').${word}`))
}

/** Types that the language has; `R` is the probe's own. */
const known = new Set(['Promise', 'AsyncIterable', 'Date'])
