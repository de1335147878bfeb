import { cpus } from 'node:os'
import type { Result } from './scenario.js'

const HEAD = `# Torture

\`npm run torture -- --write\` writes this page.

Each round sends mixed calls from eight callers, causes the trouble at a random moment, and repeats every call until it is answered. Then it compares the rows of the database with what the
callers were told, and calls \`system.verify\`. *Unknown* calls got no reply at first, or one that says that they may have taken effect. A *trace* is a row of a
refused call. *Overspent* and *unbalanced* count projects. *Recovery* is the longest time from the end of the trouble (for a killed server, from its start)
to the next successful call; *failed* counts rounds with a recovery of more than five seconds or a drift in \`system.verify\`.

\`npm run torture -- --seed SEED --only NAME --round N\` runs one round again, with the same calls and moments.

| name | trouble | rounds | calls | acknowledged | refused | unknown | lost | doubled | traces | overspent | unbalanced | recovery | failed | run on | seed |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
`

/** Returns a page of the documentation with the results, and with the rows of the previous page for other scenarios. */
export function reportOf(results: readonly Result[], seed: string, previous: string): string {
  const rows = new Map<string, string>()
  for (const [row, name = ''] of previous.matchAll(/^\| `([\w-]+)` .*$/gm)) rows.set(name, row)
  for (const result of results) rows.set(result.name, rowOf(result, seed))
  return `${HEAD}${[...rows.values()].join('\n')}\n`
}

function rowOf(result: Result, seed: string): string {
  const { name, trouble, rounds, calls, acknowledged, refused, unknown, lost, doubled, traces } = result
  const { overspent, unbalanced, slowestRecovery, failed } = result
  const cells = [
    ...[
      `\`${name}\``,
      trouble,
      rounds,
      calls,
      acknowledged,
      refused,
      unknown,
      lost,
      doubled,
      traces,
      overspent,
      unbalanced,
    ],
    ...[`${(slowestRecovery / 1_000).toFixed(1)} s`, failed],
    ...[`${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}`, seed],
  ]
  return `| ${cells.join(' | ')} |`
}
