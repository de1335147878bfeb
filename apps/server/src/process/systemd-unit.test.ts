import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configOf } from '../config.js'
import { emptyFolder } from '../testing/server-process.js'

const unit = readFileSync(new URL('../../../../deploy/systemd/mgx-backend.service', import.meta.url), 'utf8')

/** Returns the values of a setting of the unit, in order. */
const valuesOf = (setting: string): string[] =>
  unit.split('\n').flatMap((line) => (line.startsWith(`${setting}=`) ? [line.slice(setting.length + 1)] : []))

test('the systemd unit runs the built server as a user of its own, with time for a grace and a clean end', () => {
  const given = Object.fromEntries(valuesOf('Environment').map((each) => each.split(/=(.*)/s)))
  const { drainSeconds, databaseUrl } = configOf({ ...given, MGX_SECRET: 'x'.repeat(32) })
  expect(valuesOf('ExecStart')).toEqual([expect.stringMatching(/ \/opt\/mgx-backend\/apps\/server\/dist\/main\.js$/)])
  expect(databaseUrl).toMatch(new RegExp(`^sqlite:${valuesOf('WorkingDirectory')}/`))
  expect(valuesOf('WorkingDirectory')).toEqual([`/var/lib/${valuesOf('StateDirectory')}`])
  expect(valuesOf('DynamicUser')).toEqual(['yes'])
  // The server ends within ten seconds after the grace.
  expect(Number(valuesOf('TimeoutStopSec')[0])).toBeGreaterThanOrEqual(drainSeconds + 10)
  // The exit code of a server that has ended by itself says that something is wrong: it starts again.
  expect(valuesOf('Restart')).toEqual(['always'])
})

const isInstalled = spawnSync('systemd-analyze', ['--version']).status === 0
if (isInstalled)
  test('systemd accepts the unit', () => {
    const file = join(emptyFolder(), 'mgx-backend.service')
    writeFileSync(file, unit.replace('/usr/bin/node', process.execPath))
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
