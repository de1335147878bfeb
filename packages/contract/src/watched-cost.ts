import { z } from 'zod'
import { Budget } from './budget.js'
import { CostRecord } from './cost-record.js'
import { id } from './fields.js'

export const WatchCostsInput = z
  .strictObject({
    projectId: id,
    lastEventId: z
      .union([z.string().regex(/^\d{1,16}$/), z.int().min(0)], {
        error: 'must be the id of a cost record, or 0',
      })
      .transform(Number)
      .pipe(z.int())
      .optional()
      .describe(
        'The id of the last record received; the stream continues after it. 0 starts at the first record. Without it, the stream starts with new records.',
      ),
  })
  .meta({ examples: [{ projectId: 1, lastEventId: 0 }] })
export type WatchCostsInput = z.infer<typeof WatchCostsInput>

export const WatchedCost = z.object({ record: CostRecord, budget: Budget }).meta({
  id: 'WatchedCost',
  description:
    'A committed cost record, and the budget when the event is sent, which may already include later records.',
})
export type WatchedCost = z.infer<typeof WatchedCost>
