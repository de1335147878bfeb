import { execFileSync } from 'node:child_process'

/** Returns the user and group for a process that refuses to run as root, such as PostgreSQL: `nobody` for root, else none. */
export function unprivileged(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {}
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
}
