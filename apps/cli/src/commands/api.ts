import type { Command } from '../command.js'
import { procedures } from '../contract/document.js'
import { didYouMean } from '../did-you-mean.js'
import { usageError } from '../exit-code.js'

/** Reaches every procedure of the contract, also those that no other command names. */
export const api: Command = {
  summary: 'Call any procedure of the API with an input as JSON, and print what it returns; without one, list them',
  arguments: [
    { name: 'procedure', required: false, description: 'such as projects.list', choices: Object.keys(procedures) },
    { name: 'json', required: false, description: 'the input; - reads it from stdin, @file from a file' },
  ],
  shares: 'results',
  examples: [
    'mgx api',
    'mgx api system.health',
    `mgx api projects.get '{"id":1}'`,
    'mgx api costs.recordMany @records.json',
  ],
  async run(invocation) {
    const { callWithJson, listProcedures } = await import('../calls/call-with-json.js')
    const [path] = invocation.args
    if (path === undefined) return listProcedures(invocation)
    if (Object.hasOwn(procedures, path)) return callWithJson(path, invocation)
    const hint = didYouMean(path, Object.keys(procedures)).trimEnd()
    throw usageError(`There is no procedure "${path}".${hint && ` ${hint}`}`, 'To list them: mgx api')
  },
}
