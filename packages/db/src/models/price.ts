import { PriceOverride } from '@mgx/contract'
import { z } from 'zod'
import { modelOf } from './model-of.js'

export class PriceModel extends modelOf(
  'prices',
  'price',
  PriceOverride.extend({ idempotencyKey: z.string().nullable(), requestHash: z.string().nullable() }),
) {}
