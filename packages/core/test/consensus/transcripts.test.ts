import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Session } from './transcript/session.ts'
import { formatTranscript, parseTranscript } from './transcript/transcript-file.ts'

const folder = new URL('../transcripts/', import.meta.url)
const rewrites = process.env.RAFT_UPDATE_TRANSCRIPTS === '1'

for (const file of readdirSync(folder).toSorted()) {
  if (!file.endsWith('.txt')) continue
  const path = new URL(file, folder)
  const { headline, blocks } = parseTranscript(readFileSync(path, 'utf8'))
  test(`${file}: ${headline}`, () => {
    const session = new Session()
    const found = blocks.map(({ commands }) => ({ commands, expected: session.run(commands) }))
    if (rewrites) writeFileSync(path, formatTranscript(found))
    else expect(formatTranscript(found)).toBe(formatTranscript(blocks))
  })
}
