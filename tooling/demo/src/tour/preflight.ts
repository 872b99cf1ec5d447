// What can be known to be wrong before anything is started. Each complaint is one sentence for people.
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { portsOfCluster } from '../cluster/cluster.ts'
import { freePortBase, takenPorts } from '../cluster/ports.ts'

/** Something that the user can put right; the message says how. */
export class Complaint extends Error {
  override readonly name = 'Complaint'
}

/** The first port of the cluster: the one that is asked for, if all of them are free, or some that are. */
export async function choosePorts(base: number | undefined): Promise<number> {
  if (base === undefined) return freePortBase(portsOfCluster)
  const taken = await takenPorts(base + 1, portsOfCluster - 1)
  if (taken.length === 0) return base
  throw new Complaint(`Port ${taken[0]} on 127.0.0.1 is in use; choose another base with --port, or leave it out.`)
}

/** A folder for the data of a cluster, and how to remove it if it is a temporary one. */
export interface DataFolder {
  readonly path: string
  readonly temporary: boolean
}

/** The folder that is asked for, if it is empty and can be written, or a temporary one. */
export async function chooseFolder(wanted: string | undefined): Promise<DataFolder> {
  if (wanted === undefined) return temporaryFolder()
  const path = resolve(wanted)
  try {
    await mkdir(path, { recursive: true })
    const probe = join(path, '.probe')
    await writeFile(probe, '')
    await rm(probe)
  } catch (error) {
    const { code } = error as { code?: string }
    throw new Complaint(`The folder ${path} cannot be written (${code}); choose another with --data, or leave it out.`)
  }
  if ((await readdir(path)).length > 0) {
    throw new Complaint(`The folder ${path} is not empty; choose a new one with --data, or leave it out.`)
  }
  return { path, temporary: false }
}

function temporaryFolder(): DataFolder {
  try {
    const path = mkdtempSync(join(tmpdir(), 'raft-demo-'))
    process.on('exit', () => rmSync(path, { recursive: true, force: true }))
    return { path, temporary: true }
  } catch (error) {
    const { code } = error as { code?: string }
    throw new Complaint(`The folder ${tmpdir()} cannot be written (${code}); choose another with --data.`)
  }
}

/** A number that was given as a parameter. */
export function wholeNumber(
  name: string,
  text: string | undefined,
  { min, max }: { min: number; max: number },
): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (text.trim() !== '' && Number.isInteger(number) && number >= min && number <= max) return number
  throw new Complaint(`--${name} is a whole number from ${min} to ${max}, not ${text}.`)
}
