import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { mgxHere } from '../testing/run-here.js'
import { emptyFolder } from '../testing/run-mgx.js'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

async function completed(...words: string[]): Promise<string[]> {
  const { stdout } = await mgxHere(['__complete', ...words], { env: { XDG_CONFIG_HOME: '/nowhere' } })
  return stdout.split('\n').slice(0, -1)
}

test('commands, options, and the values that an option or argument allows', async () => {
  expect(await completed('ru')).toEqual(['runs'])
  expect(await completed('runs', 'r')).toEqual(['raise'])
  expect(await completed('runs', 'list', '--st')).toEqual(['--status', '--statuses'])
  expect(await completed('runs', 'list', '--status', 'r')).toEqual(['running'])
  expect(await completed('spend', '--by', 'day,mo')).toEqual(['day,model'])
  expect(await completed('api', 'projects.u')).toEqual(['projects.update', 'projects.updateStatus'])
  expect(await completed('completion', '')).toEqual(['bash', 'zsh', 'fish'])
  expect(await completed('runs', 'show', '1')).toEqual([])
  expect(await completed('frobnicate', '')).toEqual([])
})

test('bash completes with the script', async () => {
  const bin = emptyFolder()
  writeFileSync(join(bin, 'mgx'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`)
  chmodSync(join(bin, 'mgx'), 0o755)
  const { stdout: script } = await mgxHere(['completion', 'bash'])
  const asked = 'COMP_WORDS=(mgx runs sh); COMP_CWORD=2; _mgx; echo "$COMPREPLY"'
  const env = { PATH: `${bin}:${process.env.PATH}` }
  expect(execFileSync('bash', ['-c', `${script}\n${asked}`], { env, encoding: 'utf8' })).toBe('show\n')
})
