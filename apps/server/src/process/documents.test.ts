import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { testDatabases } from '@mgx/db/testing'
import { describe, expect, test } from 'vitest'
import { runSteps, stepsIn } from '../testing/document-commands.js'
import { emptyFolder, printedKey, startServer } from '../testing/server-process.js'

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))
const children = (folder: string) => readdirSync(ROOT + folder).map((name) => `${folder}/${name}`)
const folders = [
  '.',
  '.github',
  'docs',
  'docs/adr',
  'deploy',
  ...children('packages'),
  ...children('apps'),
  ...children('examples'),
]
const documents = folders
  .filter((folder) => existsSync(ROOT + folder))
  .flatMap(children)
  .filter((file) => file.endsWith('.md'))
  .map((file) => ({ file, text: readFileSync(ROOT + file, 'utf8') }))
const withCalls = documents.filter(({ text }) => stepsIn(text).length > 0)

/** The part of a response that a document shows; … matches anything. */
function shownAnswer(shown: unknown): unknown {
  return JSON.parse(JSON.stringify(shown), (_, value) => (value === '…' ? expect.anything() : value))
}

test('the list of documents that call the server is complete, and they need only curl and Node.js', () => {
  expect(withCalls.map(({ file }) => file)).toEqual(expect.arrayContaining(['./README.md', 'docs/rest.md']))
  for (const { file, text } of documents) expect(text, file).not.toMatch(/\bjq\b|projects\/1\b/)
})

describe.each(testDatabases)('on a first start on $name', (database) => {
  test.each(withCalls)('the commands of $file return what it shows, also when they are repeated', async ({ text }) => {
    const server = await startServer(emptyFolder(), { DATABASE_URL: await database.migratedUrl() })
    const steps = stepsIn(text)
    for (const _ of ['first', 'second']) {
      const outcomes = await runSteps(steps, server.url, printedKey(server) ?? '')
      for (const [index, { commands, shown }] of steps.entries()) {
        const { statuses, bodies } = outcomes[index] ?? { statuses: [], bodies: [] }
        const isRefusal = typeof shown === 'object' && shown !== null && 'reason' in shown
        const refused = statuses.filter((status) => status >= 400)
        expect(refused, `${commands}\n${JSON.stringify(bodies)}`).toHaveLength(isRefusal ? 1 : 0)
        expect(statuses.length, commands).toBeGreaterThan(0)
        if (shown !== undefined) expect(bodies.at(-1)).toEqual(shownAnswer(shown))
      }
    }
  })
})
