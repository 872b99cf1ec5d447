#!/usr/bin/env node
// `npm run interop`: installs, builds, and plays clusters of TypeScript and Go.
import { requireNode } from './node-version.mjs'

requireNode()
void import('./built.mjs').then(({ runBuilt }) =>
  runBuilt('@raft-tooling/interop', 'tooling/interop/dist/main.js', process.argv.slice(2)),
)
