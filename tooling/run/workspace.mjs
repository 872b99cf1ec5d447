// The repository as the other scripts here see it: where it is, and the environment its tools run in.
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findGo } from '../interop/build.mjs'

/** The repository's top folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** Where tools live that no package asks for: pnpm. Ignored by git. */
export const toolsFolder = join(root, '.tools')

/** The package manager that package.json names, as `name@version`. */
export const packageManager = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager

/**
 * The folder above `include/node`, if this Node brought its own headers and they are of its own version. node-gyp then
 * compiles native modules against them and downloads nothing.
 */
export function headersFolder(execPath = process.execPath, version = process.version) {
  const folder = dirname(dirname(execPath))
  const fromNpm = `node_modules/node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const places = [folder, join(folder, fromNpm), join(folder, '../..', fromNpm)]
  return places.find((place) => headersVersion(join(place, 'include/node/node_version.h')) === version)
}

function headersVersion(file) {
  if (!existsSync(file)) return undefined
  const text = readFileSync(file, 'utf8')
  const number = (name) => text.match(new RegExp(`#define NODE_${name}_VERSION (\\d+)`))?.[1]
  return `v${number('MAJOR')}.${number('MINOR')}.${number('PATCH')}`
}

let goVersion

/** What child processes get: our pnpm first on the path, no telemetry, and results that are cached per Node and Go version. */
export function environment() {
  const env = { ...process.env }
  // npm passes its own settings down as variables; another package manager would take them for the user's.
  for (const name of Object.keys(env)) {
    if (
      /^npm_(config_(?!nodedir|registry|https?_proxy|proxy|noproxy|cafile|python|userconfig|globalconfig|cache$|store_dir$)|package_|lifecycle_)/i.test(
        name,
      )
    )
      delete env[name]
  }
  const path = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  const folders = [join(toolsFolder, 'node_modules/.bin'), join(root, 'node_modules/.bin'), dirname(process.execPath)]
  env[path] = [...folders, env[path]].join(delimiter)
  env.TURBO_TELEMETRY_DISABLED = '1'
  env.DO_NOT_TRACK = '1'
  env.TURBO_NO_UPDATE_NOTIFIER = '1'
  if (!process.stdout.isTTY && env.FORCE_COLOR === undefined) env.NO_COLOR = '1'
  env.RAFT_NODE_VERSION = process.version
  // Without Go the tests against it are skipped, which is no result for a machine that has it.
  goVersion ??= findGo()?.version ?? 'none'
  env.RAFT_GO_VERSION = goVersion
  const headers = headersFolder()
  if (headers !== undefined && env.npm_config_nodedir === undefined) env.npm_config_nodedir = headers
  return env
}
