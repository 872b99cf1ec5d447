#!/usr/bin/env node
// `node tooling/run/with.mjs <command> …`: runs a command of the workspace, once everything is installed, with pnpm on
// its path. So `npm run lint` works on a machine that has no pnpm.
import { requireNode } from './node-version.mjs'

requireNode()
void import('./hand-over.mjs').then(({ runInstalled }) => runInstalled(process.argv.slice(2)))
