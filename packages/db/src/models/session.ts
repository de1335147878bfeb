import { Session } from '@mgx/contract'
import { z } from 'zod'
import { modelOf } from './model-of.js'

export class SessionModel extends modelOf(
  'sessions',
  'session',
  Session.extend({ tokenLookup: z.string(), apiKeyId: z.int() }),
) {}
