import type { Note } from '../consensus/effects.ts'
import type { Logger } from '../interfaces/observability.ts'

/** How loud a note is in the log, and the sentence beside its facts. */
interface NoteText {
  readonly level: keyof Logger
  readonly text: string
}

/** What the log says of each note. Those that come with ordinary work are not here. */
export const noteTexts: Readonly<Partial<Record<Note['name'], NoteText>>> = {
  'state-changed': { level: 'info', text: 'entering a new state' },
  'leader-changed': { level: 'debug', text: 'the known leader has changed' },
  'term-adopted': { level: 'debug', text: 'newer term discovered' },
  'peer-added': { level: 'info', text: 'added peer, starting replication' },
  'peer-removed': { level: 'info', text: 'removed peer, stopping replication' },
  'heartbeat-failed': { level: 'warn', text: 'failed to heartbeat to' },
  'heartbeat-resumed': { level: 'info', text: 'heartbeats are answered again' },
  'heartbeat-timeout': { level: 'warn', text: 'heartbeat timeout reached, starting election' },
  'election-not-started': { level: 'warn', text: 'heartbeat timeout reached, not starting election' },
  'election-timeout': { level: 'warn', text: 'election timeout reached, restarting election' },
  'pre-vote-started': { level: 'info', text: 'pre-vote campaign started' },
  'election-started': { level: 'info', text: 'campaign started' },
  'vote-granted': { level: 'debug', text: 'vote granted' },
  'vote-refused': { level: 'debug', text: 'vote refused' },
  'pre-vote-refused': { level: 'debug', text: 'pre-vote refused' },
  'append-refused': { level: 'warn', text: 'entries refused' },
  'log-truncated': { level: 'warn', text: 'clearing log suffix' },
  'lease-expired': { level: 'warn', text: 'failed to contact quorum of nodes, stepping down' },
  'disk-stalled': { level: 'error', text: 'the oldest write takes too long, stepping down' },
  'pause-noticed': { level: 'warn', text: 'this process did not run for a while' },
  'configuration-appended': { level: 'info', text: 'updating configuration' },
  'configuration-committed': { level: 'debug', text: 'configuration committed' },
  'replication-failed': { level: 'warn', text: 'failed to replicate to' },
  'follower-lost-entries': { level: 'error', text: 'a follower no longer has entries that it had confirmed' },
  'snapshot-needed': { level: 'info', text: 'entries are no longer in the log, sending a snapshot' },
  'snapshot-stale': { level: 'info', text: 'ignoring a snapshot that holds nothing new' },
  'snapshot-installed': { level: 'info', text: 'installed remote snapshot' },
  'restore-taken-back': { level: 'warn', text: 'a restore that was not committed is taken back' },
  'transfer-started': { level: 'info', text: 'leadership transfer started' },
  'transfer-ended': { level: 'info', text: 'leadership transfer ended' },
  'timeout-now-refused': { level: 'warn', text: 'refused to campaign at once' },
  'caught-up': { level: 'info', text: 'a staging server has caught up' },
}
