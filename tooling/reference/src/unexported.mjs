// Types that something public mentions, and that nobody can import. The generator itself looks at one package only.
import { makeRecursiveVisitor } from 'typedoc'

/** A complaint about each type of ours that is mentioned and not in the reference. */
export function* unexported(project) {
  const seen = new Set()
  for (const reflection of Object.values(project.reflections)) {
    for (const type of typesOf(reflection)) {
      const found = []
      type.visit(makeRecursiveVisitor({ reference: (reference) => found.push(reference) }))
      for (const reference of found) {
        if (!isMissing(reference) || seen.has(reference.qualifiedName)) continue
        seen.add(reference.qualifiedName)
        yield `${reflection.getFriendlyFullName()} mentions ${reference.qualifiedName}, which is not exported`
      }
    }
  }
}

function typesOf({ type, default: fallback, extendedTypes = [], implementedTypes = [] }) {
  return [type, fallback, ...extendedTypes, ...implementedTypes].filter((it) => it?.visit !== undefined)
}

function isMissing(reference) {
  if (reference.reflection !== undefined || reference.refersToTypeParameter || reference.isIntentionallyBroken())
    return false
  return reference.package?.startsWith('@raft/') === true
}
