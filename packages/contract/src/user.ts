import { z } from 'zod'
import { id, instant, inWords, optionalText, text, usd, usdInput } from './fields.js'
import { MAX_SEARCHED_ROWS } from './limits.js'
import { pageInput } from './page.js'

export const Role = z.enum(['admin', 'member'])
export type Role = z.infer<typeof Role>

export const User = z
  .object({
    id,
    username: z.string(),
    email: z.string(),
    role: Role,
    spendingLimit: usd
      .nullable()
      .describe('USD; the most that all projects of the user may spend together. Null: no limit.'),
    totalCost: usd.describe('USD; the sum over the projects of the user.'),
    deactivatedAt: instant.nullable().describe('When set, no credential of the user is valid.'),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'User' })
export type User = z.infer<typeof User>

/** A name without outer white space or invisible characters, so that different names look different. */
const username = text(100)
  .refine((name) => name.trim() === name, 'must not begin or end with white space')
  .refine((name) => !/[\p{Cc}\p{Cf}]/u.test(name), 'must not contain control or invisible characters')
const email = z.email().max(254)

/** A key chosen by the caller: 16 to 128 printable ASCII characters, no spaces, so that it fits in a header. */
const chosenApiKey = z
  .string()
  .regex(/^[\x21-\x7e]{16,128}$/, 'must be 16 to 128 printable ASCII characters without spaces')

export const CreateUserInput = z.strictObject({
  username: username.meta({ description: 'Unique, ignoring case.', examples: ['ada'] }),
  email: email.meta({ description: 'Unique, ignoring case.', examples: ['ada@example.com'] }),
  role: Role.default('member'),
  spendingLimit: usdInput.nullable().default(null),
  apiKey: chosenApiKey
    .optional()
    .describe(
      'A key of your choice, 16 to 128 printable characters. Without it, the server creates a key and returns it once.',
    ),
})
export type CreateUserInput = z.infer<typeof CreateUserInput>

export const CreatedUser = z.object({
  user: User,
  apiKey: z.string().nullable().describe('The plain key, returned only here; null when the caller chose it.'),
})

export const UserId = z.strictObject({ id })
export const Username = z.strictObject({ username: optionalText(100).meta({ examples: ['ada'] }) })
export const ListUsersInput = z
  .strictObject({
    search: text(200)
      .optional()
      .describe(
        `Only users whose username or email contains this text, ignoring case. A page looks through ${inWords(MAX_SEARCHED_ROWS)} users, so it can be short, or empty, although more follow.`,
      ),
    ...pageInput,
  })
  .prefault({})
export type ListUsersInput = z.infer<typeof ListUsersInput>

export const UpdateUserInput = z
  .strictObject({
    id,
    email: email.optional(),
    role: Role.optional().describe('Admins only.'),
    spendingLimit: usdInput.nullable().optional().describe('USD; admins only. Null removes the limit.'),
  })
  .meta({ examples: [{ id: 1, spendingLimit: '100' }] })
export type UpdateUserInput = z.infer<typeof UpdateUserInput>
