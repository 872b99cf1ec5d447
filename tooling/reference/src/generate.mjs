// Reads the declarations of entry points, and writes what a person reads.
import { Application, Converter, LogLevel, Logger, ReflectionKind } from 'typedoc'
import { unexported } from './unexported.mjs'

/** What has to have a doc comment: whatever is exported, and whatever of it can be called. */
const documented = [
  'Enum',
  'Variable',
  'Function',
  'Class',
  'Interface',
  'TypeAlias',
  'Method',
  'Accessor',
  'Module',
  'EnumMember',
]

/** Keeps what is worth a warning. */
class Complaints extends Logger {
  messages = []

  log(message, level) {
    if (level >= LogLevel.Warn) this.messages.push(message)
  }

  addContext(message) {
    return message
  }
}

/**
 * Generates the reference of the entry points into the folder `out`, or only reads them without one. Returns every
 * warning, and the names of what is in it.
 *
 * @param {{ entries: readonly { name: string, declarations: string }[], tsconfig: string, out?: string,
 *   readme?: string }} options
 */
export async function generate({ entries, tsconfig, out, readme = 'none' }) {
  const app = await Application.bootstrap({
    entryPoints: entries.map(({ declarations }) => declarations),
    tsconfig,
    readme,
    name: 'Raft for TypeScript',
    hideGenerator: true,
    includeVersion: false,
    disableSources: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    // The declarations were compiled, and checked, when they were built.
    skipErrorChecking: true,
    categorizeByGroup: false,
    validation: { notExported: false, invalidLink: true, notDocumented: true, rewrittenLink: true },
    requiredToBeDocumented: documented,
  })
  const complaints = new Complaints()
  app.logger = complaints
  nameModules(app, entries)
  const project = await app.convert()
  if (project === undefined) return { warnings: [...complaints.messages, 'nothing was read'], symbols: [] }
  app.validate(project)
  for (const message of unexported(project)) complaints.warn(message)
  if (out !== undefined) await app.generateDocs(project, out)
  const modules = project.getReflectionsByKind(ReflectionKind.Module)
  const symbols = modules.flatMap((module) => module.children?.map((it) => `${module.name}: ${it.name}`) ?? [])
  return { warnings: complaints.messages, symbols }
}

/** A module is called what one imports, and not after its file. */
function nameModules(app, entries) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const names = new Map(entries.flatMap(({ name, ...files }) => Object.values(files).map((file) => [file, name])))
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      module.name = names.get(project.getSymbolIdFromReflection(module)?.fileName) ?? module.name
    }
  })
}
