import { readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { breakingChanges } from '../generator/breaking-changes.js'
import { currentDocument } from '../generator/contract.js'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const RELEASED = at('../released/contract.json')
const CHANGESETS = at('../../../.changeset/')

const readJson = async (path: string) => JSON.parse(await readFile(path, 'utf8'))

if (process.argv.includes('--release')) await writeFile(RELEASED, `${JSON.stringify(currentDocument, undefined, 2)}\n`)
const broken = breakingChanges(await readJson(RELEASED), currentDocument)
if (broken.length > 0) {
  process.stderr.write(
    `The contract breaks services of the last release:\n${broken.map((line) => `  ${line}\n`).join('')}`,
  )
  if (!(await isAnnounced())) {
    process.stderr.write(
      'Restore compatibility, or add a changeset: `npm run changeset`, @mgx/client, major (minor before 1.0).\n',
    )
    process.exitCode = 1
  }
} else process.stdout.write('The contract does not break services of the last release.\n')

/** Returns whether a pending changeset announces a breaking change: a major one, or before 1.0 a minor one. */
async function isAnnounced(): Promise<boolean> {
  const { version } = await readJson(at('../package.json'))
  const bump = version.startsWith('0.') ? /^"@mgx\/client": (minor|major)$/m : /^"@mgx\/client": major$/m
  const files = (await readdir(CHANGESETS)).filter((name) => name.endsWith('.md') && name !== 'README.md')
  const texts = await Promise.all(files.map((name) => readFile(CHANGESETS + name, 'utf8')))
  return texts.some((text) => bump.test(text))
}
