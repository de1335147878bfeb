import {
  CountProjectsInput,
  CreateProjectInput,
  ListProjectsInput,
  Project,
  ProjectCounts,
  ProjectId,
  pageOf,
  UpdateProjectInput,
  UpdateProjectStatusInput,
} from '@mgx/contract'
import {
  countProjects,
  createProject,
  getProject,
  getUser,
  listProjects,
  updateProject,
  updateProjectStatus,
} from '@mgx/db'
import type { TRPCRouterRecord } from '@trpc/server'
import { ownerOf } from '../authority/actor.js'
import { procedure } from '../trpc.js'

export const projects = {
  create: procedure({
    authority: 'user:write',
    rest: ['POST /projects'],
    description: 'Creates a project with an idea and an investment. It is pending until it runs.',
  })
    .input(CreateProjectInput)
    .output(Project)
    .mutation(async ({ ctx, input }) => {
      const { db } = ctx.services
      const { id } = await getUser(db, ctx.scope, ownerOf(ctx.caller, input.userId))
      return createProject(db, id, input, ctx.requester)
    }),

  get: procedure({ authority: 'read', rest: ['GET /projects/{id}'], description: 'Returns a project by id.' })
    .input(ProjectId)
    .output(Project)
    .query(({ ctx, input }) => getProject(ctx.services.db, ctx.scope, input.id)),

  list: procedure({
    authority: 'read',
    rest: ['GET /projects', 'GET /users/{userId}/projects'],
    description: 'Lists the projects the caller may see, newest first.',
  })
    .input(ListProjectsInput)
    .output(pageOf(Project))
    .query(({ ctx, input }) => listProjects(ctx.services.db, ctx.scope, input)),

  count: procedure({
    authority: 'read',
    rest: ['GET /projects/count'],
    description: 'Returns how many of the projects that the caller may see have each status.',
  })
    .input(CountProjectsInput)
    .output(ProjectCounts)
    .query(({ ctx, input }) => countProjects(ctx.services.db, ctx.scope, input)),

  update: procedure({
    authority: 'write',
    rest: ['PATCH /projects/{id}'],
    description: 'Updates the given fields of a project. The investment cannot go below what is spent and reserved.',
  })
    .input(UpdateProjectInput)
    .output(Project)
    .mutation(({ ctx, input }) => updateProject(ctx.services.db, ctx.scope, input, ctx.requester)),

  updateStatus: procedure({
    authority: 'write',
    rest: ['PATCH /projects/{id}/status'],
    description: 'Changes the status of a project: pending to running or failed, running to completed or failed.',
  })
    .input(UpdateProjectStatusInput)
    .output(Project)
    .mutation(({ ctx, input }) => updateProjectStatus(ctx.services.db, ctx.scope, input, ctx.requester)),
} satisfies TRPCRouterRecord
