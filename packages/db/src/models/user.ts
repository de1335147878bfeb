import { User } from '@mgx/contract'
import { z } from 'zod'
import { modelOf } from './model-of.js'

/** The keys are the names folded, so that both databases compare them alike whatever their alphabet. */
export class UserModel extends modelOf(
  'users',
  'user',
  User.extend({ usernameKey: z.string(), emailKey: z.string(), reserved: User.shape.totalCost }),
) {}
