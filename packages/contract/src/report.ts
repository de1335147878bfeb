import { z } from 'zod'
import { id, usd } from './fields.js'
import { pageInput } from './page.js'

export const ReportInput = z.strictObject(pageInput)

export const ProjectSpend = z
  .object({ projectId: id, name: z.string(), records: z.int().min(0), totalCost: usd })
  .meta({ id: 'ProjectSpend' })
export type ProjectSpend = z.infer<typeof ProjectSpend>

export const UserSpend = z
  .object({ userId: id, username: z.string(), projectCount: z.int().min(0), totalSpent: usd })
  .meta({ id: 'UserSpend' })
export type UserSpend = z.infer<typeof UserSpend>
