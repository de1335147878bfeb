import { ApiKey, CostRecord, PriceOverride, Project, Reservation, Session, User } from '@mgx/contract'
import { z } from 'zod'
import { modelOf } from './model-of.js'

const usd = User.shape.totalCost

/** What tells whether a call repeats an earlier one. */
const keyed = { idempotencyKey: z.string().nullable(), requestHash: z.string().nullable() }

/** The `budget…` columns keep the answer of the first call for those that repeat its key. */
const answerable = {
  ...keyed,
  userId: z.int(),
  budgetLimit: usd.nullable(),
  budgetSpent: usd.nullable(),
  budgetReserved: usd.nullable(),
}

/** The keys are the names folded, so that both databases compare them alike whatever their alphabet. */
export class UserModel extends modelOf('users', 'user', User, {
  usernameKey: z.string(),
  emailKey: z.string(),
  reserved: usd,
}) {}

export class ApiKeyModel extends modelOf('api_keys', 'API key', ApiKey, {
  lookup: z.string(),
  apiKeyHash: z.string(),
}) {}

export class SessionModel extends modelOf('sessions', 'session', Session, {
  tokenLookup: z.string(),
  apiKeyId: z.int(),
}) {}

export class ProjectModel extends modelOf('projects', 'project', Project, keyed) {}

export class CostRecordModel extends modelOf('cost_records', 'cost record', CostRecord, answerable) {}

export class ReservationModel extends modelOf('reservations', 'reservation', Reservation, answerable) {}

export class PriceModel extends modelOf('prices', 'price', PriceOverride, keyed) {}
