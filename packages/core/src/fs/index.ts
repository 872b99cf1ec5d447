/**
 * What needs a file system: reading configurations for recovery.
 *
 * @packageDocumentation
 */
export { readConfigJSON, readPeersJSON } from './read-configuration.ts'
