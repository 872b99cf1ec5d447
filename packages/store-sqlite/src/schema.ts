/** Marks the file as ours: "RAFT" in ASCII, in the header that SQLite keeps for it. */
export const APPLICATION_ID = 0x52_41_46_54

/** The version of the file format; in the header too. Another one needs a fixture in test/fixtures and a migration. */
export const FORMAT_VERSION = 1

/**
 * The tables. `log` has a row for each run of entries that were written together, by its first index:
 *
 * - `last`: the index of its last entry
 * - `previous`: the `last` of the row before it, 0 for none, so that a row that is lost is missed
 * - `serial`: the number of this version of the row; every row that is written takes the next
 * - `crc`: CRC-32 of `first`, `last` and `serial`, 8 bytes each, little-endian, and `batch`
 * - `batch`: the records of the entries
 *
 * `state` has one row, CRC-32 and JSON. The texts are compared with those in the file, so they must not change.
 */
export const TABLES: readonly string[] = [
  `CREATE TABLE log (
  first INTEGER PRIMARY KEY,
  last INTEGER NOT NULL,
  previous INTEGER NOT NULL,
  serial INTEGER NOT NULL,
  crc INTEGER NOT NULL,
  batch BLOB NOT NULL
) STRICT`,
  `CREATE TABLE state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  crc INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT`,
]
