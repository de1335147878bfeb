import { execFile } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startTestServer } from '@mgx/server/testing'
import { expect, onTestFinished, test } from 'vitest'
import { leavesOf } from './command.js'
import { EXIT } from './exit-code.js'
import { tree } from './program/command-tree.js'
import { emptyFolder } from './testing/run-mgx.js'

const DOCUMENT = readFileSync(new URL('../../../docs/command-line.md', import.meta.url), 'utf8')
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))

test('the document names every command and every exit code', () => {
  const table = /## Commands\n(.*?)\n## /s.exec(DOCUMENT)?.[1] ?? ''
  const named = table.split('\n').flatMap((row) => {
    const words = [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)
    const [group = ''] = (words[0] ?? '').split(' ')
    return words.flatMap((word) => [word, `${group} ${word}`])
  })
  for (const path of leavesOf(tree).keys())
    expect(
      named.some((words) => `${words} `.startsWith(`${path} `)),
      path,
    ).toBe(true)
  for (const code of Object.values(EXIT)) expect(DOCUMENT).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'))
})

test('the commands of the document do what it says', async () => {
  const server = await startTestServer()
  onTestFinished(() => server.close())
  const bin = emptyFolder()
  writeFileSync(join(bin, 'mgx'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`)
  chmodSync(join(bin, 'mgx'), 0o755)
  const blocks = [...DOCUMENT.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = '']) => text)
  const [commands = ''] = blocks.filter((block) => block.includes('runs create'))
  const env = { PATH: `${bin}:${process.env.PATH}`, MGX_API_KEY: server.adminApiKey, XDG_CONFIG_HOME: emptyFolder() }
  const cwd = emptyFolder()
  const script = commands.replace('http://127.0.0.1:3210', server.url)
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { env, cwd })
  expect(stdout).toContain('"remaining": "2.9925"')
  expect(stdout).toMatch(/gpt-4o +1 +1,000 +500 +\$0\.0075 {2}█/)
  expect(readFileSync(join(cwd, 'costs.csv'), 'utf8')).toMatch(/^id,projectId,model.*\n1,1,gpt-4o,/)
})
