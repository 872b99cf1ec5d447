// Builds the demo and hands over to it.
import { runBuilt } from './built.mjs'

/** Prepares the demo and runs it with these parameters. */
export async function tour(parameters) {
  await runBuilt('@raft-tooling/demo', 'tooling/demo/dist/tour.js', parameters)
}
