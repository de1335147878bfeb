import { isSchema, type JsonSchema, pageRow, refName } from '@mgx/contract/contract-document'

/** Returns the generated file that declares a name; undefined when no import is needed. */
export type Home = (name: string) => string | undefined

const WIDTH = 120

/** Returns the type names that a schema's TypeScript refers to. */
export function namesIn(schema: JsonSchema, enumNames: ReadonlyMap<string, string>): string[] {
  const names: string[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    if (!isSchema(value)) return
    const name = refName(value) ?? (value.enum && enumNames.get(JSON.stringify(value.enum)))
    if (name) names.push(name)
    if (pageRow(value)) names.push('Page')
    Object.values(value).forEach(visit)
  }
  visit(schema)
  return names
}

/** Returns the import lines for the names, one import per file, wrapped as the formatter would. */
export function importLines(names: Iterable<string>, home: Home): string[] {
  const files = new Map<string, string[]>()
  for (const name of [...new Set(names)].sort()) {
    const file = home(name)
    if (file) files.set(file, [...(files.get(file) ?? []), name])
  }
  return [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([file, list]) => {
      const single = `import type { ${list.join(', ')} } from '${file}'`
      return single.length <= WIDTH
        ? [single]
        : ['import type {', ...list.map((name) => `  ${name},`), `} from '${file}'`]
    })
}
