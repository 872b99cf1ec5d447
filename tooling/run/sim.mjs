#!/usr/bin/env node
// `npm run sim -- --minutes 1`: installs, builds, and runs clusters under simulated faults.
import { requireNode } from './node-version.mjs'

requireNode()
void import('./built.mjs').then(({ runBuilt }) =>
  runBuilt('@raft/testing', 'packages/testing/dist/bin/raft-sim.js', process.argv.slice(2)),
)
