import { type JsonSchema, pageRow, refName } from '@mgx/contract/contract-document'
import { type Contract, type Procedure, takesInput } from './contract.js'
import { docComment, sentence } from './doc-comment.js'
import type { TypeText } from './type-text.js'
import { exampleLines } from './write-example.js'

/** Returns one interface per namespace with one method per procedure, and the interface of all namespaces. */
export function methodBlocks(contract: Contract, text: TypeText, imports: string[]): string[][] {
  const types = new Map(contract.types.map(({ name, schema }) => [name, schema]))
  const namespaces = [...new Set(contract.procedures.map(({ namespace }) => namespace))]
  const interfaces = namespaces.map((namespace) => {
    const methods = contract.procedures.filter((procedure) => procedure.namespace === namespace)
    const lines = methods.flatMap((procedure) => {
      const { method, description } = procedure
      const signature = `${method}(${parameters(procedure, types, text)}): ${answerText(procedure, text)}`
      return [...docComment([sentence(description)], '  ', exampleLines(procedure, types)), `  ${signature}`]
    })
    return [
      `/** The methods under \`mgx.${namespace}\`. */`,
      `export interface ${interfaceName(namespace)} {`,
      ...lines,
      '}',
    ]
  })
  const fields = namespaces.map((namespace) => `  readonly ${namespace}: ${interfaceName(namespace)}`)
  return [
    [...runtimeImports(contract.procedures), ...imports],
    ...interfaces,
    [
      '/** One method per procedure of the server. A failed call throws an `MgxError`. */',
      'export interface MgxMethods {',
      ...fields,
      '}',
    ],
  ]
}

const interfaceName = (namespace: string): string => `${namespace.charAt(0).toUpperCase()}${namespace.slice(1)}Methods`

/** Returns the return type of a method: a stream, a page or a promise. */
function answerText({ type, output }: Procedure, text: TypeText): string {
  if (type === 'subscription') return `AsyncIterable<StreamEvent<${text(output, false)}>>`
  const row = pageRow(output)
  return row ? `PagePromise<${text(row, false)}>` : `MgxPromise<${text(output, false)}>`
}

/** Returns the imports of the hand-written types used by the methods of these procedures. */
function runtimeImports(procedures: Procedure[]): string[] {
  const streams = procedures.filter(({ type }) => type === 'subscription')
  const calls = procedures.filter(({ type }) => type !== 'subscription')
  const used = (count: number, name: string) => (count > 0 ? [name] : [])
  const pages = calls.filter(({ output }) => pageRow(output)).length
  return [
    [[...used(calls.length, 'CallOptions'), ...used(streams.length, 'StreamOptions')], '../options.js'] as const,
    [
      [...used(calls.length - pages, 'MgxPromise'), ...used(pages, 'PagePromise')],
      '../transport/mgx-promise.js',
    ] as const,
    [used(streams.length, 'StreamEvent'), '../transport/stream.js'] as const,
  ].flatMap(([names, file]) => (names.length > 0 ? [`import type { ${names.join(', ')} } from '${file}'`] : []))
}

function parameters(procedure: Procedure, types: ReadonlyMap<string, JsonSchema>, text: TypeText): string {
  const { type, input, inputOptional } = procedure
  const options = `options?: ${type === 'subscription' ? 'StreamOptions' : 'CallOptions'}`
  if (!takesInput(procedure)) return options
  const mark = inputOptional || allOptional(input, types) ? '?' : ''
  return `input${mark}: ${text(input, true)}, ${options}`
}

/** Returns whether every field is optional, so that callers may omit the input. */
function allOptional(input: JsonSchema, types: ReadonlyMap<string, JsonSchema>): boolean {
  const schema = types.get(refName(input) ?? '') ?? input
  return schema.type === 'object' && (schema.required ?? []).length === 0
}
