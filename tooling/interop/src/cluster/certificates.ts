import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { goCommand } from '../peers/programs.ts'

/** Makes an authority and a certificate for 127.0.0.1, and returns the flags that name them. */
export async function certificates(folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true })
  await promisify(execFile)(await goCommand('raftpeer'), ['certificates', folder])
  const file = (name: string): string => join(folder, name)
  return [`--tls-cert=${file('cert.pem')}`, `--tls-key=${file('key.pem')}`, `--tls-ca=${file('ca.pem')}`]
}
