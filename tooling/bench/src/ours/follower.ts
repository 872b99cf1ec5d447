// A follower of ours in a process of its own.
import { runFollower } from '../measure/follower.ts'
import { listen } from './ours.ts'
import { startServer } from './server.ts'

runFollower(async ({ task, name }) => {
  const transport = await listen(task)
  await startServer(task, name, transport)
  return transport.localAddress
})
