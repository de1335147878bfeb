import { CostRecord } from '@mgx/contract'
import { z } from 'zod'
import { modelOf } from './model-of.js'

const { totalCost: usd } = CostRecord.shape

/** The `budget…` columns keep the answer of the first call for the ones that repeat its key. */
export class CostRecordModel extends modelOf(
  'cost_records',
  'cost record',
  CostRecord.extend({
    userId: z.int(),
    idempotencyKey: z.string().nullable(),
    requestHash: z.string().nullable(),
    budgetLimit: usd.nullable(),
    budgetSpent: usd.nullable(),
    budgetReserved: usd.nullable(),
  }),
) {}
