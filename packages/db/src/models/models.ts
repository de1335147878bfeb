import {
  ApiKey,
  ApiKeyScope,
  AuditEntry,
  CostRecord,
  Identity,
  PriceOverride,
  Project,
  Reservation,
  Session,
  User,
} from '@mgx/contract'
import { z } from 'zod'
import { readCalculation, toBreakdown } from '../breakdown.js'
import { modelOf } from './model-of.js'

const usd = User.shape.totalCost

/** The fields that identify a repeated call. */
const keyed = { idempotencyKey: z.string().nullable(), requestHash: z.string().nullable() }

/** The `budget…` columns keep the first call's budget, which a repeated call returns again. */
const answerable = {
  ...keyed,
  userId: z.int(),
  budgetLimit: usd.nullable(),
  budgetSpent: usd.nullable(),
  budgetReserved: usd.nullable(),
}

/** The `…Key` columns hold case-folded names, so that both databases compare any alphabet in the same way. */
export class UserModel extends modelOf('users', 'user', User, {
  usernameKey: z.string(),
  emailKey: z.string(),
  reserved: usd,
}) {}

export class ApiKeyModel extends modelOf('api_keys', 'API key', ApiKey, {
  lookup: z.string(),
  apiKeyHash: z.string(),
}) {}

export class IdentityModel extends modelOf('identities', 'identity', Identity, {}) {}

export class SessionModel extends modelOf('sessions', 'session', Session, {
  tokenLookup: z.string(),
  kind: z.enum(['token', 'cookie']),
  apiKeyId: z.int().nullable(),
  identityId: z.int().nullable(),
  scope: ApiKeyScope.nullable(),
  role: z.literal('admin').nullable(),
}) {}

export class ProjectModel extends modelOf('projects', 'project', Project, keyed) {}

/** A row's breakdown is the text of its calculation, which the ledger reads; only the entity has the lines. */
export class CostRecordModel extends modelOf('cost_records', 'cost record', CostRecord, answerable) {
  override toEntity(): CostRecord {
    const record = super.toEntity()
    const calculation = record.breakdown as unknown as string | null
    return { ...record, breakdown: calculation === null ? null : toBreakdown(readCalculation(calculation)) }
  }
}

export class AuditEntryModel extends modelOf('audit_log', 'audit entry', AuditEntry, {}) {}

export class ReservationModel extends modelOf('reservations', 'reservation', Reservation, answerable) {}

/** A cached price that was not given is stored as null, because it is derived from the catalogue. */
const StoredOverride = PriceOverride.extend({ cachedPrice: usd.nullable() })

export class PriceModel extends modelOf('prices', 'price', StoredOverride, keyed) {}
