// Written in old JavaScript, and importing nothing, so that an old Node can get as far as the sentence it prints.

/** Says what is wrong with this version of Node, or nothing if it will do. */
export function nodeComplaint(version) {
  const parts = version.replace(/^v/, '').split('.').map(Number)
  const good = parts[0] > 20 || (parts[0] === 20 && parts[1] >= 19)
  return good ? undefined : 'This needs Node 20.19 or newer, and found ' + version + ' (' + process.execPath + ').'
}

/** Ends the process with one sentence if this Node is too old. */
export function requireNode() {
  const complaint = nodeComplaint(process.version)
  if (complaint === undefined) return
  console.error(complaint)
  process.exit(1)
}
