import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import { openDatabase } from '../packages/db/src/database.js'
import { type Connection, openConnection } from './connection.js'
import type { BenchDatabase } from './databases.js'
import { startServer } from './server.js'

/** The database ids of a project and its owner. */
export type Account = { projectId: number; userId: number }

/** A server on an empty database, and a direct connection to that database for peers and checks. */
export type World = {
  name: BenchDatabase['name']
  url: string
  apiKey: string
  db: Knex
  /** Opens connections with this credential; with the admin's API key by default. */
  connect(clients: number, credential?: string): Connection[]
  /** Creates a project with a budget in USD. */
  project(investment: string): Promise<Account>
  close(): Promise<void>
}

export async function openWorld(database: BenchDatabase): Promise<World> {
  const databaseUrl = await database.fresh()
  const { url, apiKey, stop } = await startServer(databaseUrl)
  const db = await openDatabase(databaseUrl)
  const connections: Connection[] = []
  const connect = (clients: number, credential = apiKey) => {
    const opened = Array.from({ length: clients }, () => openConnection(url, credential))
    connections.push(...opened)
    return opened
  }
  return {
    name: database.name,
    url,
    apiKey,
    db,
    connect,
    async project(investment) {
      const json = JSON.stringify({ name: `Bench ${randomUUID()}`, idea: 'Measure', investment })
      // A new connection each time, because the server closes idle ones.
      const connection = openConnection(url, apiKey)
      const { id, userId } = JSON.parse((await connection.post('projects.create', json)).body).result.data
      connection.close()
      return { projectId: id, userId }
    },
    async close() {
      for (const connection of connections) connection.close()
      await db.destroy()
      await stop()
    },
  }
}
