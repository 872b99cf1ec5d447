#!/usr/bin/env node
// `npm test`: installs, checks everything, runs every test of every package, and ends with one line of counts.
import { requireNode } from './node-version.mjs'

requireNode()
void import('./check.mjs').then(({ check }) => check(process.argv.slice(2)))
