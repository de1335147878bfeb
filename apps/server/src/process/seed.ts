import type { Services } from '@mgx/api'
import {
  CreateProjectInput,
  CreateUserInput,
  DomainError,
  RecordCostInput,
  type UpdateProjectStatusInput,
  type User,
} from '@mgx/contract'
import {
  createProject,
  createUser,
  EVERYTHING,
  getUserByUsername,
  listUsers,
  SYSTEM,
  updateProjectStatus,
} from '@mgx/db'

const SAMPLE_USER = CreateUserInput.parse({ username: 'sample_user', email: 'sample@example.com' })
const SAMPLE_PROJECT = CreateProjectInput.parse({
  name: 'Sample Project',
  description: 'A sample software company project',
  idea: 'Create a 2048 game',
  idempotencyKey: 'sample',
})

/**
 * Creates the sample user with a completed sample project, unless the database has other users. Every step may be
 * repeated: the next start completes an interrupted one, and servers that start together do not conflict.
 */
export async function seedSamples({ db, ledger }: Services): Promise<void> {
  const { items: users } = await listUsers(db, EVERYTHING, { limit: 3 })
  if (users.some(({ username, role }) => role !== 'admin' && username !== SAMPLE_USER.username)) return
  const user = users.find(({ username }) => username === SAMPLE_USER.username) ?? (await sampleUser(db))
  const { id } = await createProject(db, user.id, SAMPLE_PROJECT, SYSTEM)
  await move(db, { id, status: 'running', projectPath: '/workspace/sample_project' })
  await ledger.record(EVERYTHING, sampleCost(id))
  await move(db, { id, status: 'completed' })
}

/** Updates the status; a project that is already past it stays as it is. */
async function move(db: Services['db'], change: UpdateProjectStatusInput): Promise<void> {
  try {
    await updateProjectStatus(db, EVERYTHING, change, SYSTEM)
  } catch (error) {
    if (!(error instanceof DomainError) || error.reason !== 'invalid_transition') throw error
  }
}

async function sampleUser(db: Services['db']): Promise<User> {
  try {
    return await createUser(db, SAMPLE_USER, SYSTEM)
  } catch (error) {
    if (!(error instanceof DomainError) || error.reason !== 'conflict') throw error
    // An earlier start or another server has created it.
    return getUserByUsername(db, EVERYTHING, SAMPLE_USER.username)
  }
}

function sampleCost(projectId: number): RecordCostInput {
  return RecordCostInput.parse({
    projectId,
    model: 'gpt-4-turbo',
    promptTokens: 1_000,
    completionTokens: 500,
    totalCost: '0.025',
    actionType: 'WritePRD',
    idempotencyKey: 'sample',
  })
}
