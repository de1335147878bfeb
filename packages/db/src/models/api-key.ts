import { ApiKey } from '@mgx/contract'
import { z } from 'zod'
import { modelOf } from './model-of.js'

export class ApiKeyModel extends modelOf(
  'api_keys',
  'API key',
  ApiKey.extend({ lookup: z.string(), apiKeyHash: z.string() }),
) {}
