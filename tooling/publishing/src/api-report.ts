// tsx src/api-report.ts <package folder> [--check]
// Writes the package's api.md, which lists what the built package exports. With --check, fails when api.md is stale.
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Surface, surfacesOf } from './public-surface.js'

const [home] = process.argv.slice(2)
if (!home) throw new Error('name the folder of the package')
const at = (path: string) => join(resolve(home), path)

/** Returns the report: a chapter for each subpath of the package, and the names of files that are not code. */
async function report(): Promise<string> {
  const { name, exports } = JSON.parse(await readFile(at('package.json'), 'utf8'))
  const entries = Object.entries<string | { types: string }>(exports)
  const subpaths = entries.flatMap(([path, entry]) =>
    typeof entry === 'string' ? [] : [{ path, file: at(entry.types) }],
  )
  const surfaces = surfacesOf(subpaths.map(({ file }) => file))
  const chapters = subpaths.map(({ path }, index) =>
    chapter(name + path.slice(1), surfaces[index] as Surface, surfaces[0] as Surface),
  )
  const files = entries.flatMap(([path, entry]) => (typeof entry === 'string' ? [`\`${name}${path.slice(1)}\``] : []))
  return `# What ${name} exports

Written from the built declarations by \`npm run generate\`; do not edit. What changes here changes for services.

${chapters.join('\n')}
## Files

${files.join(', ')}
`
}

/** Returns the chapter of a subpath, without the declarations that the main subpath already lists. */
function chapter(title: string, { exported, mentioned }: Surface, main: Surface): string {
  const known = new Map([...main.exported, ...main.mentioned].map(({ name, text }) => [name, text]))
  const rest = mentioned.filter(({ name, text }) => exported === main.exported || known.get(name) !== text)
  return [`## ${title}`, code(exported), ...(rest.length > 0 ? ['Mentioned above and not exported:', code(rest)] : [])]
    .map((part) => `${part}\n`)
    .join('\n')
}

const code = (list: Surface['exported']) => `\`\`\`ts\n${list.map(({ text }) => text).join('\n\n')}\n\`\`\``

const text = await report()
if (!process.argv.includes('--check')) await writeFile(at('api.md'), text)
else if (text !== (await readFile(at('api.md'), 'utf8').catch(() => ''))) {
  process.stderr.write(
    `${at('api.md')} does not match what the package exports.\nRun npm run generate and commit the result.\n`,
  )
  process.exitCode = 1
}
