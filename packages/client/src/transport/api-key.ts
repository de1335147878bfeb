import type { ApiKeySource } from '../options.js'
import { causeText } from './answer.js'
import { errorOf } from './error-of-reason.js'

/**
 * Returns the `apiKey` for a request of the procedure `path`; `rejected` is the one that the server has just refused.
 * Rejects with an MgxError that keeps the cause.
 */
export type ReadApiKey = (path: string, rejected?: string) => Promise<string>

/** Returns why a value cannot be an `apiKey`, without the value; undefined when it can. */
export function apiKeyProblem(apiKey: unknown): string | undefined {
  if (typeof apiKey !== 'string' || apiKey === '') return 'is missing'
  return /^[\x21-\x7e]+$/.test(apiKey) ? undefined : 'must be printable ASCII without spaces or line breaks'
}

/** Requests that need a key while the function is running share its result, so that they can be sent together. */
export function apiKeyReader(given: string | ApiKeySource): ReadApiKey {
  if (typeof given === 'string') return async () => given
  const running = new Map<string | undefined, Promise<string>>()
  return async (path, rejected) => {
    try {
      let asked = running.get(rejected)
      if (!asked) {
        asked = checked(given, rejected).finally(() => running.delete(rejected))
        running.set(rejected, asked)
      }
      return await asked
    } catch (cause) {
      throw errorOf({ reason: 'api_key_failed', message: `apiKey failed: ${causeText(cause)}`, cause, path })
    }
  }
}

async function checked(given: ApiKeySource, rejected: string | undefined): Promise<string> {
  const apiKey = await given({ rejected })
  const problem = apiKeyProblem(apiKey)
  if (problem) throw new TypeError(`the value that the function returned ${problem}`)
  return apiKey
}
