#!/usr/bin/env node
// `npm start`: installs, builds what the tour needs, and runs it.
import { requireNode } from './node-version.mjs'

requireNode()
void import('./tour.mjs').then(({ tour }) => tour(process.argv.slice(2)))
