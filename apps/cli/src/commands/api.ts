import type { Command } from '../command.js'

/** Reaches every procedure of the contract, also those that no other command names. */
export const api: Command = {
  summary: 'Call any procedure of the API with an input as JSON, and print what it returns; without one, list them',
  shares: 'results',
  async details() {
    const { procedures } = await import('../contract/document.js')
    return {
      arguments: [
        { name: 'procedure', required: false, description: 'such as projects.list', choices: Object.keys(procedures) },
        { name: 'json', required: false, description: 'the input; - reads it from stdin, @file from a file' },
      ],
      examples: [
        'mgx api',
        'mgx api system.health',
        `mgx api projects.get '{"id":1}'`,
        'mgx api costs.recordMany @records.json',
      ],
    }
  },
  async run(invocation) {
    const { callWithJson, listProcedures } = await import('../calls/call-with-json.js')
    const [procedure] = invocation.args
    return procedure === undefined ? listProcedures(invocation) : callWithJson(procedure, invocation)
  },
}
