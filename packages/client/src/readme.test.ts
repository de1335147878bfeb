import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { procedures } from '@mgx/api'
import { UsageProvider } from '@mgx/contract'
import { startTestServer } from '@mgx/server/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMgxClient } from './index.js'

const run = promisify(execFile)
const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const blocks = (markdown: string, language: string) =>
  [...markdown.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, code = '']) => code)

const scratch = new URL('../node_modules/.readme/', import.meta.url)
const readme = read('README.md')

describe('the README examples', () => {
  let server: Awaited<ReturnType<typeof startTestServer>>
  beforeAll(async () => {
    server = await startTestServer()
    mkdirSync(scratch, { recursive: true })
  })
  afterAll(async () => {
    rmSync(scratch, { recursive: true, force: true })
    await server?.close()
  })

  const here = (code: string) =>
    code.replaceAll('http://127.0.0.1:3210', server.url).replaceAll('mgx_key_…', server.adminApiKey)
  const environment = () => ({ ...process.env, MGX_API_KEY: server.adminApiKey })

  /** Runs the snippets unchanged as one program, as JavaScript or TypeScript depending on the extension. */
  async function runSnippets(snippets: string[], extension: 'mjs' | 'mts' = 'mjs'): Promise<string> {
    const file = fileURLToPath(new URL(`${extension}-program.${extension}`, scratch))
    const source = (path: string) => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)))
    const linked = snippets
      .join('\n')
      .replace("'@mgx/client/trpc'", source('trpc.ts'))
      .replace("'@mgx/testing'", source('../../testing/src/index.ts'))
      .replaceAll("'@mgx/client'", source('index.ts'))
    writeFileSync(file, here(linked))
    const merged = ['--import', 'tsx', '--conditions=@mgx/source', file]
    return (await run(process.execPath, merged, { env: environment() })).stdout
  }

  test('the first call with curl creates a project and records a cost', async () => {
    const [curl = ''] = blocks(readme, 'sh').filter((code) => code.includes('curl'))
    const { stdout } = await run('bash', ['-c', here(curl)], { env: environment() })
    expect(JSON.parse(stdout)).toMatchObject({ record: { totalCost: '0.025' }, budget: { limit: '3' } })
  })

  test('the first call with the client completes a run', async () => {
    expect(await runSnippets(blocks(readme, 'ts'))).toBe('completed 0.025\n')
  })

  test('every snippet of the client runs, all but the tRPC one in a single file', async () => {
    const snippets = blocks(read('packages/client/README.md'), 'ts')
    const [typed = '', ...others] = snippets.filter((code) => code.includes('@mgx/client/trpc'))
    expect(others).toEqual([])
    const output = await runSnippets(snippets.filter((code) => code !== typed))
    expect(output).toContain('0.025 2.975')
    expect(output).toContain('completed /srv/projects/snake 0.025')
    expect(output).toContain('\n0.525 1000 500 1\n')
    expect(output).toContain('def main(): … 0.036')
    expect(await runSnippets([typed, 'console.log(me.username)'], 'mts')).toBe('admin\n')
  })

  test('the table of names in docs/prices.md shows what prices.quote returns', async () => {
    const document = read('docs/prices.md')
    const mgx = createMgxClient({ url: server.url, apiKey: server.adminApiKey })
    const prices = [...document.matchAll(/^set_price '(.*)'$/gm)].map(([, json = '']) => JSON.parse(json))
    for (const price of prices) await mgx.prices.set(price)
    const rows = document.split('\n').filter((line) => /\| (?:override|catalogue) \|/.test(line))
    expect(rows.length).toBeGreaterThan(10)
    for (const row of rows) {
      const [model = '', provider, ...shown] = row.split(' | ').map((cell) => cell.replaceAll(/[`|\s]/g, ''))
      const call = { model, ...(provider !== '–' && { provider: UsageProvider.parse(provider) }) }
      const { source, rule, canonicalModel } = await mgx.prices.quote({ ...call, promptTokens: 1, completionTokens: 1 })
      expect([source, rule.model, rule.by, canonicalModel], row).toEqual(shown)
    }
  })

  test('the snippet of the server in memory runs', async () => {
    expect(await runSnippets(blocks(read('packages/testing/README.md'), 'ts'))).toBe('1\n0.025\ntrue\n')
  })
})

test('the table "there → here" names only existing procedures or marks them as coming', () => {
  const rows = readme.split('\n').filter((line) => line.startsWith('|') && !line.includes('**coming**'))
  const names = [
    ...rows.join('\n').matchAll(/`((?:system|users|apiKeys|projects|costs|prices|budgets|sessions|reports)\.\w+)`/g),
  ]
  expect(names.length).toBeGreaterThan(10)
  for (const [, name = ''] of names) expect(procedures.has(name), name).toBe(true)
})

test('README and .env.example name the same variables', () => {
  const variables = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name)
  const table = readme
    .split('\n')
    .filter((line) => /^\| `[A-Z]/.test(line))
    .map((line) => line.split('|')[1])
  const listed = new Set([...variables(table.join('\n'), /`([A-Z_]+)`/g), 'NODE_ENV'])
  expect(listed).toEqual(new Set(variables(read('.env.example'), /^([A-Z_]+)=/gm)))
})
