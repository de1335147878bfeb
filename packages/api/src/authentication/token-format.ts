import { decodeJwt, decodeProtectedHeader } from 'jose'
import { unauthenticated } from './unauthenticated.js'

const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/

/**
 * Returns the unverified `iss` of a credential in the format of a signed JWT, to find whose it claims to be; undefined when
 * it has another format. An unsigned token has an empty last part, so it is none.
 */
export function claimedIssuer(credential: string): { iss: string | undefined } | undefined {
  if (!JWT.test(credential)) return undefined
  try {
    if (typeof decodeProtectedHeader(credential).alg !== 'string') return undefined
  } catch {
    return undefined
  }
  try {
    return { iss: decodeJwt(credential).iss }
  } catch {
    return { iss: undefined }
  }
}

/** Returns the result of a verification by jose, whose errors all mean that the token is not valid. */
export async function verified<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work
  } catch (error) {
    throw error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_J')
      ? unauthenticated()
      : error
  }
}
