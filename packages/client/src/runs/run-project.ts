import { MAX_PROJECT_ERROR_LENGTH } from '@mgx/contract/limits'
import type { MgxClient } from '../client.js'
import { InvalidTransitionError } from '../errors.js'
import type { Project } from '../generated/entities.js'
import type { CreateProjectInput } from '../generated/inputs.js'
import { CostManager } from './cost-manager.js'

/** What a run is about. */
export interface RunProjectInput extends Omit<CreateProjectInput, 'name'> {
  /** Without it, the first 50 characters of the idea. */
  readonly name?: string | undefined
  /** Where the result will be, when it is known beforehand. */
  readonly projectPath?: string | undefined
}

/** A run under way. */
export interface ProjectRun {
  /** The project as it was when the run began. */
  readonly project: Project
  /** Records the model calls of the run, or guards them; its limit is the investment of the project. */
  readonly costs: CostManager
  /** Where the result is; set it when it is known, and the completed project keeps it. */
  projectPath: string | undefined
}

const NAME_CHARACTERS = 50

/**
 * Runs `work` as a project: creates it, sets it running, and completed when `work` is done. When `work` throws, the
 * project fails with the message, and the same error is thrown on. With an `idempotencyKey` a project is run once: a
 * second run under the same key throws an InvalidTransitionError and leaves the first one alone.
 * @returns the completed project, with its total cost.
 * @throws what `work` throws, unchanged, also when the project cannot be marked as failed; an MgxError when the project
 *   cannot be created, started or completed.
 */
export async function runProject(
  mgx: Pick<MgxClient, 'projects' | 'costs' | 'budgets'>,
  input: RunProjectInput,
  work: (run: ProjectRun) => unknown,
): Promise<Project> {
  const { projectPath, ...fields } = input
  const created = await mgx.projects.create({
    ...fields,
    name: input.name ?? firstCharacters(input.idea, NAME_CHARACTERS),
  })
  const { id } = created
  const project = await failingWith(
    mgx,
    id,
    () => mgx.projects.updateStatus({ id, status: 'running', projectPath }),
    // It was begun before, under the same idempotency key: that run is not this one's to fail.
    (error) => !(error instanceof InvalidTransitionError),
  )
  const run: ProjectRun = { project, costs: new CostManager(mgx, { projectId: id }), projectPath }
  await failingWith(mgx, id, async () => work(run))
  return mgx.projects.updateStatus({ id, status: 'completed', projectPath: run.projectPath })
}

/** Does it; when that throws what `isOurs`, marks the project as failed; throws on. */
async function failingWith<Result>(
  mgx: Pick<MgxClient, 'projects'>,
  id: number,
  step: () => Promise<Result>,
  isOurs: (error: unknown) => boolean = () => true,
): Promise<Result> {
  try {
    return await step()
  } catch (error) {
    // What went wrong in the run matters more than that it could not be noted.
    if (isOurs(error))
      await mgx.projects.updateStatus({ id, status: 'failed', error: errorText(error) }).catch(() => undefined)
    throw error
  }
}

/** By code points, so that no character is cut in two. */
const firstCharacters = (text: string, count: number): string =>
  Array.from(text.slice(0, 2 * count))
    .slice(0, count)
    .join('')

/** The message of whatever was thrown, as the server can store it: short enough, and no NUL or half character. */
function errorText(error: unknown): string {
  return messageOf(error)
    .slice(0, MAX_PROJECT_ERROR_LENGTH)
    .replace(/[\0\p{Cs}]/gu, '\uFFFD')
}

function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message || error.name : String(error)
  } catch {
    return 'An error without a message'
  }
}
