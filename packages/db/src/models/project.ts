import { Project } from '@mgx/contract'
import { z } from 'zod'
import { modelOf } from './model-of.js'

export class ProjectModel extends modelOf(
  'projects',
  'project',
  Project.extend({ idempotencyKey: z.string().nullable(), requestHash: z.string().nullable() }),
) {}
