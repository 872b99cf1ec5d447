#!/usr/bin/env node
// `npm run bench`: installs, builds, and measures beside Go and beside the same work with nothing of Raft in it.
import { requireNode } from './node-version.mjs'

requireNode()
void import('./built.mjs').then(({ runBuilt }) =>
  runBuilt('@raft-tooling/bench', 'tooling/bench/dist/main.js', process.argv.slice(2)),
)
