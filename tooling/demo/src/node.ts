// One node of the store as a process: `node dist/node.js --help` tells how.
import { lineLogger } from './log-lines.ts'
import { nodeHelp, type NodeOptions, readNodeOptions } from './node-options.ts'
import { type RunningNode, serve } from './serve.ts'

const logger = lineLogger((line) => process.stderr.write(line))

async function main(): Promise<void> {
  let options: NodeOptions | undefined
  let node: RunningNode
  try {
    options = readNodeOptions(process.argv.slice(2), process.env)
    if (options === undefined) {
      process.stdout.write(nodeHelp)
      return
    }
    node = await serve(options, logger)
  } catch (error) {
    end(1, sentence(error, options))
    return
  }
  const { id, raft, http } = options
  logger.info({ id, raft, http, pid: process.pid, node: process.version }, 'serving')
  const stop = once(
    () =>
      void node.stop().then(
        () => end(0, `${id} has stopped.`),
        (error: unknown) => end(1, `${id} did not stop in order: ${messageOf(error)}`),
      ),
  )
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  if (options.stopWithParent) process.stdin.on('end', stop).on('error', stop).resume()
  const reason = await node.failed
  end(1, `${id} has stopped itself: ${reason.message}`)
}

/** What was wrong, for people. */
function sentence(error: unknown, options: NodeOptions | undefined): string {
  const { code, port, path } = error as { code?: string; port?: number; path?: string }
  if (code === 'EADDRINUSE') return `Port ${port} is in use; choose others with --raft and --http.`
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR') {
    return `The folder ${path ?? options?.data} cannot be written (${code}); choose another with --data.`
  }
  return messageOf(error)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function once(fn: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    fn()
  }
}

/** Says the last word and ends the process, whatever it still waits for. */
function end(status: number, message: string): void {
  process.stderr.write(`${message}\n`, () => process.exit(status))
}

void main()
