import client = require('@mgx/client')
import testing = require('@mgx/testing')

async function main(): Promise<void> {
  const server: testing.TestServer = await testing.createTestServer({ now: () => 0 })
  const { createdAt } = await client.createMgxClient(server).projects.create({ name: 'a', idea: 'b' })
  if (createdAt !== '1970-01-01T00:00:00.000Z') throw new Error(createdAt)
  await server.close()
}
void main()
