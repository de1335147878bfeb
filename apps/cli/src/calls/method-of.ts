import type { CallOptions, MgxClient, MgxPromise, StreamEvent, StreamOptions } from '@mgx/client'
import { isEmptyObject } from '@mgx/contract/contract-document'
import { procedureOf, resolved } from '../contract/document.js'

type Called<Answer, Options> = (input: object, options?: Options) => Answer
type Methods = Record<string, Record<string, (...given: unknown[]) => unknown>>

/** Returns the method of the client for a procedure that is known by its path only. */
export const methodOf = (client: MgxClient, path: string): Called<MgxPromise<unknown>, CallOptions> =>
  lookUp(client, path) as Called<MgxPromise<unknown>, CallOptions>

/** The same for a procedure that streams. */
export const streamOf = (client: MgxClient, path: string): Called<AsyncIterable<StreamEvent<object>>, StreamOptions> =>
  lookUp(client, path) as Called<AsyncIterable<StreamEvent<object>>, StreamOptions>

function lookUp(client: MgxClient, path: string): Called<unknown, unknown> {
  const [group = '', name = ''] = path.split('.')
  const method = (client as unknown as Methods)[group]?.[name]
  if (!method) throw new Error(`the client has no method ${path}`)
  // A method without an input takes its options first.
  return isEmptyObject(resolved(procedureOf(path).input))
    ? (_input, options) => method(options)
    : (input, options) => method(input, options)
}
