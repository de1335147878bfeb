import { callOver } from './call.js'
import type { CallOptions } from './call-options.js'
import { type MgxClientOptions, readOptions } from './client-options.js'
import type { MgxClient } from './generated/methods.js'
import { procedures } from './generated/procedures.js'

type Method = (...args: never[]) => Promise<unknown>

/**
 * A client of the server at `url`, with a method for every procedure. It keeps no connection and needs no closing.
 *
 * Calls that move money get an idempotency key by themselves. Queries, and calls that carry such a key, are tried up
 * to three times while the server cannot be reached or is unavailable.
 * @throws TypeError when an option is missing or malformed. Calls throw an {@link MgxError}.
 */
export function createMgxClient(options: MgxClientOptions): MgxClient {
  const call = callOver(readOptions(options))
  const client: Record<string, Record<string, Method>> = {}
  for (const [path, traits] of Object.entries(procedures)) {
    const [namespace = '', name = ''] = path.split('.')
    const method: Method = traits.takesInput
      ? (input: unknown = {}, callOptions?: CallOptions) => call(path, traits, input, callOptions)
      : (callOptions?: CallOptions) => call(path, traits, undefined, callOptions)
    client[namespace] = { ...client[namespace], [name]: method }
  }
  return client as unknown as MgxClient
}
