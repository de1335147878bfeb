import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { testDatabases } from '@mgx/db/testing'
import openapiTS, { astToString } from 'openapi-typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer } from '../testing/test-server.js'
import type { openApiDocument } from './document.js'

const run = promisify(execFile)
const scratch = new URL('../../node_modules/.generated-client/', import.meta.url)
const fileIn = (name: string) => fileURLToPath(new URL(name, scratch))

/** A program by someone who has only the document. */
const PROGRAM = `import createClient from 'openapi-fetch'
import type { components, paths } from './api.js'

const [baseUrl = '', key = ''] = process.argv.slice(2)
const api = createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${key}\` } })

const made = await api.POST('/api/projects', { body: { name: 'Snake', idea: 'A game', investment: '3' } })
if (!made.data) throw new Error(made.error.reason)
const recorded = await api.POST('/api/projects/{projectId}/costs', {
  params: { path: { projectId: made.data.id }, header: { 'Idempotency-Key': 'first call' } },
  body: { model: 'gpt-4-turbo', promptTokens: 1000, completionTokens: 500, totalCost: '0.025', actionType: 'WritePRD' },
})
const budget: components['schemas']['Budget'] | undefined = recorded.data?.budget
const listed = await api.GET('/api/projects', { params: { query: { status: 'pending', limit: 10 } } })
const names: string[] | undefined = listed.data?.items.map((project) => project.name)
const refused = await api.GET('/api/projects/{id}', { params: { path: { id: 99 } } })
// @ts-expect-error: the document lists the statuses.
await api.GET('/api/projects', { params: { query: { status: 'unheard of' } } })
console.log(JSON.stringify({ names, spent: budget?.spent, reason: refused.error?.reason }))
`

describe.each(testDatabases)('on $name, a client generated from the document by openapi-typescript', (database) => {
  let server: Awaited<ReturnType<typeof startTestServer>>
  beforeAll(async () => {
    server = await startTestServer({ databaseUrl: await database.migratedUrl() })
    mkdirSync(scratch, { recursive: true })
    writeFileSync(fileIn('package.json'), '{ "type": "module" }')
    const response = await fetch(`${server.url}/openapi.json`)
    const document = (await response.json()) as ReturnType<typeof openApiDocument>
    writeFileSync(fileIn('api.ts'), astToString(await openapiTS(document as never)))
    writeFileSync(fileIn('program.ts'), PROGRAM)
  })
  afterAll(async () => {
    rmSync(scratch, { recursive: true, force: true })
    await server.close()
  })

  test('compiles, lists projects and records a cost', async () => {
    const tsc = fileURLToPath(new URL('../../../../node_modules/typescript/bin/tsc', import.meta.url))
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--types',
      'node',
    ]
    const compiled = await run(process.execPath, [tsc, ...options, fileIn('program.ts')]).catch((error) => error)
    expect(compiled.stdout).toBe('')
    const program = ['--import', 'tsx', fileIn('program.ts'), server.url, server.adminApiKey]
    const { stdout } = await run(process.execPath, program)
    expect(JSON.parse(stdout)).toEqual({ names: ['Snake'], spent: '0.025', reason: 'not_found' })
  })
})
