import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, unprivileged } from '@mgx/db/testing'
import { onTestFinished } from 'vitest'

const user = unprivileged()

export type InstalledPostgres = {
  /** What its programs read the connection from. */
  env: { PGHOST: string; PGPORT: string; PGUSER: string; PGDATABASE: string }
  /** Returns the URL of one of its databases. */
  url(database: string): string
  stop(): Promise<void>
}

/** Creates a folder that the user of PostgreSQL may use; deleted at the end of the test. */
export function postgresFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mgx-installed-'))
  chmodSync(folder, 0o777)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Creates the files of a server with the program `initdb`. */
export function createCluster(data: string): void {
  const args = ['-D', data, '-U', 'postgres', '-A', 'trust', '--encoding=UTF8', '--locale=C', '--no-sync']
  execFileSync('initdb', args, { ...user, cwd: '/', stdio: 'pipe' })
}

/** Starts the program `postgres`, which accepts anybody, on existing files with additional settings. Ends with the test. */
export async function startInstalledPostgres(data: string, settings = ''): Promise<InstalledPostgres> {
  appendFileSync(join(data, 'postgresql.conf'), `\n${settings}\n`)
  if (user.uid !== undefined) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, data])
  chmodSync(data, 0o700)
  const port = String(await freePort())
  const args = ['-D', data, '-p', port, '-c', 'unix_socket_directories=', '-c', 'listen_addresses=127.0.0.1']
  const child = spawn('postgres', args, { ...user, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] })
  let printed = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  const exited = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGINT')
    await exited
  }
  onTestFinished(stop)
  while (!/ready to accept (read-only )?connections/.test(printed)) {
    if (child.exitCode !== null) throw new Error(`PostgreSQL did not start:\n${printed}`)
    await sleep(20)
  }
  return {
    env: { PGHOST: '127.0.0.1', PGPORT: port, PGUSER: 'postgres', PGDATABASE: 'mgx' },
    url: (database) => `postgres://postgres@127.0.0.1:${port}/${database}`,
    stop,
  }
}
