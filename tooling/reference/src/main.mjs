#!/usr/bin/env node
// `npm run reference`: generates the reference of all packages into tooling/reference/dist.
import { join } from 'node:path'
import { entryPoints, root } from './entries.mjs'
import { generate } from './generate.mjs'

const out = join(root, 'tooling/reference/dist')
const { warnings, symbols } = await generate({
  entries: entryPoints(),
  tsconfig: join(root, 'tooling/reference/tsconfig.entries.json'),
  readme: join(root, 'tooling/reference/FRONT.md'),
  out,
})
for (const warning of warnings) console.error(warning)
console.log(`${symbols.length} symbols, ${warnings.length} warnings: ${join(out, 'index.html')}`)
process.exitCode = warnings.length > 0 ? 1 : 0
