import { pageRow } from '@mgx/contract/contract-document'
import type { Contract, NamedType } from './contract.js'
import { type Home, importLines, namesIn } from './imports.js'
import { typeTextWith } from './type-text.js'
import { methodBlocks } from './write-methods.js'
import { hashBlocks, procedureBlocks, reasonBlocks } from './write-procedures.js'
import { routerBlocks } from './write-router.js'
import { pageLines, typeLines } from './write-types.js'

const HEADER = '// Generated from the contract of @mgx/api by `npm run generate`; do not edit.'

/** Returns the text of the client's generated files by file name; deterministic for a contract. */
export function writeFiles(contract: Contract): Map<string, string> {
  const enumNames = new Map([[JSON.stringify(Object.keys(contract.reasons)), 'Reason']])
  const text = typeTextWith(enumNames)
  const inputs = contract.types.filter(({ side }) => side === 'input')
  const entities = contract.types.filter(({ side }) => side !== 'input')
  const inputNames = new Set(inputs.map(({ name }) => name))
  const home: Home = (name) =>
    name === 'Reason' ? './reasons.js' : inputNames.has(name) ? './inputs.js' : './entities.js'
  const types = (own: string, list: NamedType[], first: string[]) => {
    const names = list.flatMap(({ schema }) => namesIn(schema, enumNames))
    const imports = importLines(names, (name) => (home(name) === own ? undefined : home(name)))
    return fileText([imports, first, ...list.map((type) => typeLines(type, contract, text))])
  }
  const roots = contract.procedures.flatMap(({ input, output }) => [input, output])
  const rootNames = roots.flatMap((schema) => namesIn(schema, enumNames))
  const answeredRows = contract.procedures.map(({ output }) => pageRow(output) ?? output)
  const methodNames = [...contract.procedures.map(({ input }) => input), ...answeredRows].flatMap((schema) =>
    namesIn(schema, enumNames),
  )
  return new Map([
    ['reasons.ts', fileText(reasonBlocks(contract))],
    ['entities.ts', types('./entities.js', entities, pageLines(contract, text))],
    ['inputs.ts', types('./inputs.js', inputs, [])],
    ['procedures.ts', fileText(procedureBlocks(contract))],
    ['contract-hash.ts', fileText(hashBlocks(contract))],
    ['methods.ts', fileText(methodBlocks(contract, text, importLines(methodNames, home)))],
    ['app-router.ts', fileText(routerBlocks(contract, text, importLines([...rootNames, 'Reason'], home)))],
  ])
}

function fileText(blocks: string[][]): string {
  const written = [[HEADER], ...blocks].filter((block) => block.length > 0)
  return `${written.map((block) => block.join('\n')).join('\n\n')}\n`
}
