import { type Contract, type JsonSchema, type Procedure, refName, takesInput } from './contract.js'
import { docComment, sentence } from './doc-comment.js'
import type { TypeText } from './type-text.js'

/** An interface a namespace with a method a procedure, and the client that holds them all. */
export function methodBlocks(contract: Contract, text: TypeText, imports: string[]): string[][] {
  const types = new Map(contract.types.map(({ name, schema }) => [name, schema]))
  const namespaces = [...new Set(contract.procedures.map(({ namespace }) => namespace))]
  const interfaces = namespaces.map((namespace) => {
    const methods = contract.procedures.filter((procedure) => procedure.namespace === namespace)
    const lines = methods.flatMap((procedure) => {
      const { method, description, type, output } = procedure
      const answer = text(output)
      const answers = type === 'subscription' ? `AsyncIterable<StreamEvent<${answer}>>` : `Promise<${answer}>`
      const signature = `${method}(${parameters(procedure, types, text)}): ${answers}`
      return [...docComment([sentence(description)], '  '), `  ${signature}`]
    })
    return [
      `/** The methods under \`mgx.${namespace}\`. */`,
      `export interface ${interfaceName(namespace)} {`,
      ...lines,
      '}',
    ]
  })
  const streams = contract.procedures.some(({ type }) => type === 'subscription')
  const handWritten = [
    "import type { CallOptions } from '../call-options.js'",
    ...(streams ? ["import type { StreamEvent } from '../stream-event.js'"] : []),
  ]
  const fields = namespaces.map((namespace) => `  readonly ${namespace}: ${interfaceName(namespace)}`)
  return [
    [...handWritten, ...imports],
    ...interfaces,
    [
      '/** A method for every procedure of the server. All throw an `MgxError`. */',
      'export interface MgxMethods {',
      ...fields,
      '}',
    ],
  ]
}

const interfaceName = (namespace: string): string => `${namespace.charAt(0).toUpperCase()}${namespace.slice(1)}Methods`

function parameters(procedure: Procedure, types: ReadonlyMap<string, JsonSchema>, text: TypeText): string {
  const { input, inputOptional } = procedure
  if (!input || !takesInput(procedure)) return 'options?: CallOptions'
  const mark = inputOptional || allOptional(input, types) ? '?' : ''
  return `input${mark}: ${text(input)}, options?: CallOptions`
}

/** Whether a caller may leave the whole input out. */
function allOptional(input: JsonSchema, types: ReadonlyMap<string, JsonSchema>): boolean {
  const schema = types.get(refName(input) ?? '') ?? input
  return schema.type === 'object' && (schema.required ?? []).length === 0
}
