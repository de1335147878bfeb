import { MAX_PROJECT_ERROR_LENGTH } from '@mgx/contract/limits'
import type { MgxClient } from '../client.js'
import { InvalidTransitionError } from '../errors.js'
import type { Project } from '../generated/entities.js'
import type { CreateProjectInput } from '../generated/inputs.js'
import { CostManager } from './cost-manager.js'

/** The project to run. */
export interface RunProjectInput extends Omit<CreateProjectInput, 'name'> {
  /** Defaults to the first 50 characters of the idea. */
  readonly name?: string | undefined
  /** Path of the result, if known in advance. */
  readonly projectPath?: string | undefined
}

/** A run in progress. */
export interface ProjectRun {
  /** The project as of the start of the run. */
  readonly project: Project
  /** Records or guards the model calls of the run; the limit is the project's investment. */
  readonly costs: CostManager
  /** Path of the result. Set it once known; it is stored with the completed project. */
  projectPath: string | undefined
}

const NAME_CHARACTERS = 50

/**
 * Creates a project, sets it to running, runs `work` and sets the project to completed. When `work` throws, the project is
 * marked as failed with the error's message, and the error is rethrown. With an `idempotencyKey` the project runs only
 * once: a second run with the same key throws an InvalidTransitionError and leaves the first one alone.
 * @returns the completed project, with its total cost.
 * @throws what `work` throws, unchanged, even when the project cannot be marked as failed; an MgxError when the project
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
    // An earlier run with the same idempotency key started it: do not mark that run as failed.
    (error) => !(error instanceof InvalidTransitionError),
  )
  const run: ProjectRun = { project, costs: new CostManager(mgx, { projectId: id }), projectPath }
  await failingWith(mgx, id, async () => work(run))
  return mgx.projects.updateStatus({ id, status: 'completed', projectPath: run.projectPath })
}

/** Runs the step. When it throws an error for which `isOurs` is true, marks the project as failed; always rethrows. */
async function failingWith<Result>(
  mgx: Pick<MgxClient, 'projects'>,
  id: number,
  step: () => Promise<Result>,
  isOurs: (error: unknown) => boolean = () => true,
): Promise<Result> {
  try {
    return await step()
  } catch (error) {
    // Ignore a failure here: the error of the run matters more.
    if (isOurs(error))
      await mgx.projects.updateStatus({ id, status: 'failed', error: errorText(error) }).catch(() => undefined)
    throw error
  }
}

/** Counts code points, so that no surrogate pair is split. */
const firstCharacters = (text: string, count: number): string =>
  Array.from(text.slice(0, 2 * count))
    .slice(0, count)
    .join('')

/** Returns the error's message in a form the server can store: truncated, without NUL or lone surrogates. */
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
