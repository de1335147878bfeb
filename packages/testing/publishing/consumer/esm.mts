import { createMgxClient, MgxError, runProject } from '@mgx/client'
import { createTestServer, type TestServer } from '@mgx/testing'

const [server, other]: TestServer[] = await Promise.all([createTestServer(), createTestServer()])
if (!server || !other) throw new Error('no servers')
const mgx = createMgxClient(server)
const project = await runProject(mgx, { idea: 'in memory' }, async (run) => {
  await run.costs.update({ model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500 })
})
if (project.totalCost !== '0.025') throw new Error(`priced at ${project.totalCost}`)
if ((await createMgxClient(other).projects.list()).items.length > 0) throw new Error('the servers share data')
for await (const { record } of mgx.costs.watch({ projectId: project.id, lastEventId: 0 })) {
  if (record.totalCost !== '0.025') throw new Error('wrong cost in the stream')
  break
}
server.failNext('unavailable')
const refused = await createMgxClient({ ...server, maxRetries: 0 })
  .users.me()
  .catch((error: unknown) => error)
if (!(refused instanceof MgxError) || refused.reason !== 'unavailable') throw new Error('expected an MgxError')
await Promise.all([server.close(), other.close()])
