#!/usr/bin/env node
// `npm run check:install [-- --node <binary>]… [--only <package>]…`
//
// Packs every package and, for each, installs it with npm into an empty folder, as a user would, together with the
// packages that the example in its README names; then runs that example. Once with this Node, and once with Node 24
// from npm, unless binaries are named.
import { requireNode } from '../run/node-version.mjs'

requireNode()
void import('./src/install-check.mjs').then(({ installCheck }) => installCheck(process.argv.slice(2)))
