import { randomUUID } from 'node:crypto'
import type { ApiKeyScope, Role } from '@mgx/contract'
import { createIdentity, SYSTEM } from '@mgx/db'
import { newApiKey } from '../authentication/credential-format.js'
import type { KeyToIssue } from '../authentication/issue.js'
import { type Actor, isAdmin } from '../authority/actor.js'
import { scopeOfRole } from '../authority/scopes.js'
import type { Services } from '../context.js'
import type { Owned, WalkCaller } from './authority-walk.js'
import { callerOf } from './callers.js'

/** Another issuer, whose tokens the server accepts. */
export type WalkIssuer = { readonly issuer: string; sign(claims: object): Promise<string> }

/**
 * Creates callers of each role with each kind of credential, valid and invalid, and one without a credential. With an
 * `issuer`, tokens of it are among the credentials.
 */
export async function walkCallers(services: Services, issuer?: WalkIssuer): Promise<WalkCaller[]> {
  const stranger = await tenant(services, 'member')
  const [admin, member] = [await tenant(services, 'admin', issuer), await tenant(services, 'member', issuer)]
  const nobody: WalkCaller = {
    name: 'no credential',
    credential: undefined,
    actor: undefined,
    own: member.own,
    foreign: [],
  }
  const callers = [admin, member].flatMap(({ role, own, second, valid, ended }) => [
    ...Object.entries(valid).map(([name, { credential, actor, identity }]): WalkCaller => {
      const others = actor.projectId === null ? [stranger.own] : [second, stranger.own]
      const foreign = isAdmin(actor) ? [] : others
      return { name: `${role}, ${name}`, credential, actor, own: { ...own, identity }, foreign }
    }),
    ...Object.entries(ended).map(
      ([name, credential]): WalkCaller => ({
        name: `${role}, ${name}`,
        credential,
        actor: undefined,
        own,
        foreign: [],
      }),
    ),
  ])
  return [...callers, nobody]
}

/** Creates a user of this role with two projects, the rows of each, and credentials of each kind. */
async function tenant(services: Services, role: Role, issuer?: WalkIssuer) {
  const { credentials } = services
  const username = `${role}-${randomUUID()}`
  const made = await credentials.createUser(
    { username, email: `${username}@example.com`, role, spendingLimit: null },
    { requester: SYSTEM },
  )
  const [userId, key] = [made.user.id, made.apiKey ?? '']
  const caller = callerOf(services, key)
  const issue = (key: Partial<KeyToIssue> = {}) =>
    credentials.issueKey(made.user, { name: 'walk', ...key }, { requester: SYSTEM })
  const newProject = async (name: string = randomUUID()) => (await caller.projects.create({ name, idea: 'A game' })).id
  // Rotated and revoked in the walk, so no other credential hangs on it.
  const spare = await issue({ scopes: ['write'] })
  const idle = `idle-${randomUUID()}`
  const { user: idleUser } = await credentials.createUser(
    { username: idle, email: `${idle}@example.com`, role: 'member', spendingLimit: null },
    { requester: SYSTEM },
  )
  const newIdentity = async () => {
    const account = { issuer: 'https://issuer.example', subject: randomUUID() }
    return (await createIdentity(services.db, { ...account, userId }, SYSTEM)).id
  }
  const identity = await newIdentity()
  const inProject = async (): Promise<Owned> => {
    const mark = randomUUID()
    const project = await newProject(mark)
    const spent = { model: mark, promptTokens: 1, completionTokens: 1, totalCost: '0.01' }
    const { record } = await caller.costs.record({ projectId: project, ...spent })
    const { reservation } = await caller.budgets.reserve({ projectId: project, amount: '1' })
    const { session, token } = await caller.sessions.create({ projectId: project, metadata: { mark } })
    const inIt = { record: record.id, reservation: reservation.id, session: session.id }
    const owned = { apiKey: spare.apiKey.id, identity, project, ...inIt }
    return { user: userId, username, idleUser: idleUser.id, ...owned, token, mark }
  }
  const [own, second] = [await inProject(), await inProject()]
  const { project: projectId } = own
  const session = await caller.sessions.create({})
  const signIn = { apiKeyId: (await issue()).apiKey.id, kind: 'cookie', ttlSeconds: 3600 } as const
  const cookie = await credentials.openSession(userId, signIn, SYSTEM)
  const opened = {
    kind: 'session',
    sessionId: 1,
    apiKeyId: 1,
    identityId: null,
    isSignIn: false,
    isNamedAdmin: false,
  } as const
  const actor: Actor = {
    userId,
    role,
    credential: { kind: 'apiKey', apiKeyId: 1 },
    scope: scopeOfRole(role),
    projectId: null,
    callsPerMinute: null,
  }
  // Each removes an identity in the walk, which only one can do.
  const as = async (credential: string, changed: Partial<Actor> = {}) => ({
    credential,
    actor: { ...actor, ...changed },
    identity: await newIdentity(),
  })
  const accessToken = async (asked: { scope?: string; projectId?: number }) => {
    const { apiKey, key: clientSecret } = await issue()
    return issueToken(services, { id: apiKey.id, key: clientSecret }, asked)
  }
  const ofIssuer = async ({ issuer: name, sign }: WalkIssuer) => {
    const account = { issuer: name, subject: randomUUID() }
    await createIdentity(services.db, { ...account, userId }, SYSTEM)
    const credential = { kind: 'identity', identityId: 1, isNamedAdmin: false, expiresAt: '' } as const
    const [sub, aud] = [account.subject, 'another audience']
    return { token: await as(await sign({ sub }), { credential }), ofOthers: await sign({ sub, aud }) }
  }
  const foreign = issuer && (await ofIssuer(issuer))
  const token = { credential: { kind: 'accessToken', apiKeyId: 1, expiresAt: '' } } as const
  const ofScope = async (scope: ApiKeyScope) => as((await issue({ scopes: [scope] })).key, { scope })
  return {
    role,
    own,
    second,
    valid: {
      key: await as(key),
      'key with read': await ofScope('read'),
      'key with record': await ofScope('record'),
      'key with write': await ofScope('write'),
      'key of a project': await as((await issue({ projectId })).key, { projectId }),
      session: await as(session.token, { credential: opened }),
      'session of a project': await as((await caller.sessions.create({ projectId })).token, {
        credential: opened,
        scope: 'record',
        projectId,
      }),
      'signed-in person': await as(cookie.token, { credential: { ...opened, isSignIn: true } }),
      'access token': await as(await accessToken({}), token),
      'access token with record in a project': await as(await accessToken({ scope: 'record', projectId }), {
        ...token,
        scope: 'record',
        projectId,
      }),
      ...(foreign && { 'token of another issuer': foreign.token }),
    },
    ended: {
      ...(await endedCredentials(services, { caller, issue, newProject })),
      ...(foreign && { 'token of another issuer for others': foreign.ofOthers }),
    },
  }
}

/** Exchanges an API key for an access token. */
async function issueToken(
  { credentials }: Services,
  { id, key }: { id: number; key: string },
  { scope, projectId }: { scope?: string; projectId?: number },
): Promise<string> {
  const client = { clientId: String(id), clientSecret: key, address: null }
  const issued = await credentials.issueToken(
    await credentials.authenticateClient(client),
    { scope, projectId },
    SYSTEM,
  )
  if (!('token' in issued)) throw new Error(issued.description)
  return issued.token
}

type Issue = (key?: Partial<KeyToIssue>) => Promise<{ apiKey: { id: number }; key: string }>
type Tenant = { caller: ReturnType<typeof callerOf>; issue: Issue; newProject: () => Promise<number> }

/** Creates credentials of each kind that are wrong or have ended. */
async function endedCredentials(services: Services, { caller, issue, newProject }: Tenant) {
  const [revoked, expired, rotated] = [await issue(), await issue(), await issue()]
  const ofRevoked = await callerOf(services, revoked.key).sessions.create({})
  const tokenOfRevoked = await issueToken(services, { id: revoked.apiKey.id, key: revoked.key }, {})
  const project = await newProject()
  const ofProject = await issue({ projectId: project })
  const inProject = await caller.sessions.create({ projectId: project })
  const closed = await caller.sessions.create({})
  await caller.apiKeys.revoke({ id: revoked.apiKey.id })
  await caller.apiKeys.rotate({ id: rotated.apiKey.id, overlapSeconds: 0 })
  await caller.sessions.close({ id: closed.session.id })
  await caller.projects.updateStatus({ id: project, status: 'failed' })
  await services.db('api_keys').where({ id: expired.apiKey.id }).update({ expiresAt: '2020-01-01T00:00:00.000Z' })
  const unknown = newApiKey()
  return {
    'revoked key': revoked.key,
    'session of a revoked key': ofRevoked.token,
    'access token of a revoked key': tokenOfRevoked,
    'expired key': expired.key,
    'rotated-out key': rotated.key,
    'key of a project that ended': ofProject.key,
    'session of a project that ended': inProject.token,
    'closed session': closed.token,
    'unknown key': unknown,
    'key with a wrong checksum': `${unknown.slice(0, -1)}${unknown.endsWith('0') ? '1' : '0'}`,
  }
}
