// Packs a package as it would be published.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const call = promisify(execFile)

/** The repository's top folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')

/** Every package that is published, as `{ name, folder, manifest }`. */
export function publishedPackages() {
  return readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
    .filter(({ manifest }) => !manifest.private)
    .map(({ folder, manifest }) => ({ name: manifest.name, folder, manifest }))
}

/** Packs the package in this folder into `destination`, and resolves with the tarball's path. */
export async function pack(folder, destination, env = process.env) {
  const windows = process.platform === 'win32'
  const { stdout } = await call('pnpm', ['pack', '--json', '--pack-destination', destination], {
    cwd: folder,
    env,
    shell: windows,
  })
  const { filename } = JSON.parse(stdout.slice(stdout.indexOf('{')))
  return isAbsolute(filename) ? filename : join(destination, filename)
}
