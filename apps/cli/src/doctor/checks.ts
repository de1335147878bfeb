import type { MgxClient, Role } from '@mgx/client'
import { isMgxError } from '../connection.js'
import { hash } from '../contract/document.js'
import { EXIT } from '../exit-code.js'
import { wrongFigures } from './wrong-figures.js'

/** What was found about one thing; `exitCode` is that of a failure, 1 by default. */
export type Check = {
  check: string
  status: 'ok' | 'warning' | 'failed' | 'skipped'
  detail: string
  exitCode?: number
}

/** A response says its time in whole seconds. */
const MOST_SKEW_MS = 5_000
/** Large books take longer; then `mgx verify` is the command. */
const BOOKS_MS = 10_000

/** Compares the contract of this command with that of the server. */
export function contractCheck(served: string | null): Check {
  const check = 'contract'
  if (served === hash) return { check, status: 'ok', detail: hash }
  const detail = `the server has ${served ?? 'none'}, this mgx ${hash}: update the older of the two if a command fails`
  return { check, status: 'warning', detail }
}

/** Compares the clock of this computer with that of the server; `at` is when the response was on its way. */
export function clockCheck(date: string | null, at: number): Check {
  const check = 'clock'
  const served = Date.parse(date ?? '')
  if (Number.isNaN(served)) return { check, status: 'skipped', detail: 'the response has no date' }
  const seconds = Math.round((at - served) / 1_000)
  if (Math.abs(at - served) <= MOST_SKEW_MS) return { check, status: 'ok', detail: 'within 5 s of the server' }
  const direction = seconds > 0 ? 'ahead of' : 'behind'
  return { check, status: 'warning', detail: `this computer is ${Math.abs(seconds)} s ${direction} the server` }
}

/** Finds out whether the key is accepted, and whose it is. */
export async function keyCheck(client: MgxClient, hasKey: boolean): Promise<{ check: Check; role: Role | undefined }> {
  const failed = (detail: string, exitCode: number) =>
    ({ check: { check: 'key', status: 'failed', detail, exitCode }, role: undefined }) as const
  if (!hasKey) return failed('not signed in: mgx login', EXIT.notSignedIn)
  try {
    const { username, role } = await client.users.me()
    return { check: { check: 'key', status: 'ok', detail: `accepted: ${username} (${role})` }, role }
  } catch (error) {
    if (!isMgxError(error)) throw error
    if (error.reason === 'unauthenticated') return failed('not accepted: wrong, expired or revoked', EXIT.notSignedIn)
    // A key that is bound to a project may call, but has no user to show.
    if (error.reason === 'forbidden')
      return { check: { check: 'key', status: 'ok', detail: 'accepted, for one run only' }, role: undefined }
    throw error
  }
}

/** Lets the server add up its books, which admins may. */
export async function booksCheck(client: MgxClient, role: Role | undefined): Promise<Check> {
  const check = 'books'
  if (role !== 'admin') return { check, status: 'skipped', detail: 'only admins may verify them' }
  try {
    const verification = await client.system.verify({ timeoutMs: BOOKS_MS, maxRetries: 0 })
    const { ok, checked } = verification
    if (!ok) return { check, status: 'failed', detail: `${wrongFigures(verification)}: mgx verify` }
    return { check, status: 'ok', detail: `they balance: ${checked.records} records in ${checked.projects} runs` }
  } catch (error) {
    if (!isMgxError(error)) throw error
    if (error.reason === 'timed_out')
      return { check, status: 'skipped', detail: `not verified within ${BOOKS_MS / 1_000} s: mgx verify` }
    if (error.reason === 'forbidden') return { check, status: 'skipped', detail: 'the key lacks the scope admin' }
    throw error
  }
}
