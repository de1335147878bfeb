import { z } from 'zod'
import { id, idempotencyKey, instant, inWords, namedOnce, optionalText, text, usd, usdInput } from './fields.js'
import { MAX_COUNTED_PROJECTS, MAX_PROJECT_ERROR_LENGTH, MAX_SEARCHED_ROWS } from './limits.js'
import { metadata, metadataInput } from './metadata.js'
import { pageInput } from './page.js'

export const ProjectStatus = z.enum(['pending', 'running', 'completed', 'failed'])
export type ProjectStatus = z.infer<typeof ProjectStatus>

/** The statuses that each status may change to; completed and failed are final. */
export const projectTransitions: Record<ProjectStatus, readonly ProjectStatus[]> = {
  pending: ['running', 'failed'],
  running: ['completed', 'failed'],
  completed: [],
  failed: [],
}

export const Project = z
  .object({
    id,
    userId: id,
    name: z.string(),
    description: z.string().nullable(),
    idea: z.string(),
    status: ProjectStatus,
    projectPath: z.string().nullable(),
    investment: usd.describe('USD; the budget limit of the run.'),
    totalCost: usd.describe('USD; the sum of the cost records.'),
    reserved: usd.describe('USD; held by open reservations.'),
    metadata: metadata.nullable(),
    error: z.string().nullable().describe('Why the run failed.'),
    createdAt: instant,
    updatedAt: instant,
    completedAt: instant.nullable().describe('When the run completed or failed.'),
  })
  .meta({ id: 'Project' })
export type Project = z.infer<typeof Project>

const name = text(255).meta({ examples: ['Snake'] })
const description = optionalText(10_000)

export const CreateProjectInput = z.strictObject({
  name,
  idea: text(100_000).meta({ examples: ['A snake game in the terminal'] }),
  description: description.nullish(),
  investment: usdInput.default('3').describe('USD; the budget limit of the run.'),
  metadata: metadataInput.nullish(),
  userId: id.optional().describe('Admins only: the user the project is for. Defaults to the caller.'),
  idempotencyKey: idempotencyKey.optional(),
})
export type CreateProjectInput = z.infer<typeof CreateProjectInput>

export const ProjectId = z.strictObject({ id })

const search = text(200).describe(
  `Only projects whose name or idea contains this text, ignoring case. A page looks through ${inWords(MAX_SEARCHED_ROWS)} projects, so it can be short, or empty, although more follow.`,
)
export const ListProjectsInput = z
  .strictObject({
    userId: id.optional(),
    status: ProjectStatus.optional(),
    statuses: z
      .array(ProjectStatus)
      .min(1)
      .max(ProjectStatus.options.length)
      .refine(...namedOnce('status'))
      .optional()
      .describe('Only projects with one of these statuses; instead of `status`.'),
    search: search.optional(),
    ...pageInput,
  })
  .refine(({ status, statuses }) => status === undefined || statuses === undefined, {
    error: 'must not be given together with status',
    path: ['statuses'],
  })
  .prefault({})
export type ListProjectsInput = z.infer<typeof ListProjectsInput>

export const CountProjectsInput = z
  .strictObject({
    userId: id.optional(),
    search: text(200)
      .optional()
      .describe(
        `Only projects whose name or idea contains this text, ignoring case, among the ${inWords(MAX_SEARCHED_ROWS)} newest projects.`,
      ),
  })
  .prefault({})
export type CountProjectsInput = z.infer<typeof CountProjectsInput>

const counted = z.int().min(0)

/** How many projects there are of each status. */
export const ProjectCounts = z
  .object({ pending: counted, running: counted, completed: counted, failed: counted } satisfies Record<
    ProjectStatus,
    z.ZodType
  >)
  .meta({
    id: 'ProjectCounts',
    description: `How many projects have each status, each counted up to ${inWords(MAX_COUNTED_PROJECTS)}.`,
  })
export type ProjectCounts = z.infer<typeof ProjectCounts>

export const UpdateProjectInput = z
  .strictObject({
    id,
    name: name.optional(),
    description: description.nullish(),
    metadata: metadataInput.nullish(),
    investment: usdInput.optional().describe('USD; at least what is spent and reserved.'),
  })
  .meta({ examples: [{ id: 1, investment: '5' }] })
export type UpdateProjectInput = z.infer<typeof UpdateProjectInput>

export const UpdateProjectStatusInput = z
  .strictObject({
    id,
    status: ProjectStatus,
    projectPath: text(4_096).optional().describe('The location of the result.'),
    error: optionalText(MAX_PROJECT_ERROR_LENGTH).optional().describe('Why the run failed.'),
  })
  .meta({ examples: [{ id: 1, status: 'running' }] })
export type UpdateProjectStatusInput = z.infer<typeof UpdateProjectStatusInput>
