#!/usr/bin/env node
// `npm run new-store -- NAME FOLDER`: copies the template of a store to a new folder, as the package raft-store-NAME.
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [name, folder] = process.argv.slice(2)
if (!/^[a-z0-9-]+$/.test(name ?? '') || folder === undefined || existsSync(folder)) {
  console.error('npm run new-store -- NAME FOLDER: a name in small letters, and a folder that does not exist yet')
  process.exit(2)
}
cpSync(fileURLToPath(new URL('../template', import.meta.url)), folder, { recursive: true })
const manifest = join(folder, 'package.json')
writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('NAME', name))
console.log(`raft-store-${name} is in ${folder}; its tests pass, and go on passing while you replace what it does.`)
