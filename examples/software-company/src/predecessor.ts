import { readFile } from 'node:fs/promises'
import initSqlJs, { type Database, type SqlValue } from 'sql.js'

/** A model call as the predecessor recorded it; `totalCost` is the float it stored, in USD. */
export type Call = {
  model: string
  promptTokens: number
  completionTokens: number
  totalCost: number
  actionType: string | null
}

/** A run that the predecessor completed, with its calls in the order they were made. */
export type Run = {
  name: string
  idea: string
  description: string | null
  investment: number
  metadata: Record<string, unknown> | null
  projectPath: string | null
  calls: Call[]
}

/**
 * Reads the completed runs of a predecessor database (SQLite), oldest first. The file is not changed.
 * @throws Error when the file is missing or holds no such tables.
 */
export async function readCompletedRuns(path: string): Promise<Run[]> {
  const SQL = await initSqlJs()
  const database = new SQL.Database(await readFile(path))
  try {
    return rows(database, `SELECT * FROM projects WHERE status = 'completed' ORDER BY id`).map((project) => ({
      name: project.name as string,
      idea: project.idea as string,
      description: project.description as string | null,
      investment: project.investment as number,
      metadata: JSON.parse((project.metadata as string | null) ?? 'null'),
      projectPath: project.project_path as string | null,
      calls: readCalls(database, project.id as number),
    }))
  } finally {
    database.close()
  }
}

function readCalls(database: Database, projectId: number): Call[] {
  return rows(database, 'SELECT * FROM cost_records WHERE project_id = ? ORDER BY id', projectId).map((record) => ({
    model: record.model as string,
    promptTokens: record.prompt_tokens as number,
    completionTokens: record.completion_tokens as number,
    totalCost: record.total_cost as number,
    actionType: record.action_type as string | null,
  }))
}

function rows(database: Database, sql: string, ...parameters: SqlValue[]): Record<string, SqlValue>[] {
  const statement = database.prepare(sql, parameters)
  const found: Record<string, SqlValue>[] = []
  while (statement.step()) found.push(statement.getAsObject())
  statement.free()
  return found
}
