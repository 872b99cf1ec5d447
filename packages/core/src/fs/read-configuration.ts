import { readFile } from 'node:fs/promises'
import { parseConfigJSON, parsePeersJSON } from '../raft/json-configuration.ts'
import type { Configuration } from '../types/configuration.ts'

/**
 * Reads a configuration from a JSON file (`ReadConfigJSON`): an array of `{ "id", "address", "non_voter" }`. Keys may
 * have any case, `non_voter` is false when missing, and text after the array is ignored. For `recoverCluster`; the file
 * is not changed. Rejects with the system's error, a `SyntaxError`, or a `ConfigurationError`.
 */
export async function readConfigJSON(path: string): Promise<Configuration> {
  return parseConfigJSON(await readFile(path, 'utf8'))
}

/**
 * Reads voters from a JSON file (`ReadPeersJSON`): an array of addresses, which are the IDs too, as they are below
 * protocol version 3. Otherwise as `readConfigJSON`.
 */
export async function readPeersJSON(path: string): Promise<Configuration> {
  return parsePeersJSON(await readFile(path, 'utf8'))
}
