// Checks every row of the table against the built packages.
import { claimsOf } from './claims.mjs'
import { loadPackages } from './built-packages.mjs'
import { complaintsAboutError } from './errors.mjs'
import { complaintsAboutExport, complaintsAboutNames, complaintsAboutUnion } from './exports.mjs'
import { complaintsAboutMember } from './members.mjs'
import { probeOf } from './probes.mjs'

/** Checks rows as `readTable` gives them. Returns `{ total, right, complaints: [{ row, message }] }`. */
export async function checkRows(rows) {
  const read = rows.map(readClaims)
  const probes = []
  for (const { row, claims } of read) {
    for (const claim of claims) {
      const line = probeOf(claim, row.entry, probes.length)
      if (line !== undefined) claim.probe = probes.push(line) - 1
    }
  }
  const built = await loadPackages([...new Set(rows.map(({ entry }) => entry))], probes)
  const complaints = read.flatMap(({ row, claims, unread }) => {
    const found = unread === undefined ? claims.flatMap((claim) => complaintsAbout(claim, row, built)) : [unread]
    return [...new Set(found)].map((message) => ({ row, message }))
  })
  const wrong = new Set(complaints.map(({ row }) => row))
  return { total: rows.length, right: rows.length - wrong.size, complaints }
}

/** The closing line. */
export function summary({ total, right }) {
  return `${right} of ${total}`
}

function readClaims(row) {
  try {
    return { row, claims: claimsOf(row) }
  } catch (error) {
    return { row, claims: [], unread: error.message }
  }
}

function complaintsAbout(claim, row, built) {
  const module = built.modules.get(row.entry)
  const found = [...checks[claim.is](claim, module, built.checker)]
  for (const failure of built.failures.get(claim.probe) ?? []) found.push(`${claim.name}: ${failure}`)
  return found
}

const checks = {
  exported: complaintsAboutExport,
  member: complaintsAboutMember,
  union: complaintsAboutUnion,
  names: complaintsAboutNames,
  error: complaintsAboutError,
}
