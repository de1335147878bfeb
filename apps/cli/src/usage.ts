import type { Command } from './command.js'

/** Returns the help text of the commands that begin with these words. */
export function usage(commands: Record<string, Command>, words: string): string {
  const shown = Object.entries(commands).filter(([name]) => words === '' || `${name} `.startsWith(`${words} `))
  const [only] = shown.length === 1 ? shown : []
  const lines = shown.map(([name, { summary }]) => `  mgx ${name.padEnd(12)}  ${summary}`)
  const options = [
    ...(only?.[1].yes ? [`  -y, --yes      ${only[1].yes}`] : []),
    '  -h, --help     print this help',
    ...(words === '' ? ['  -v, --version  print the version'] : []),
  ]
  return `Usage: mgx ${words === '' ? '<command>' : words} [options]

${lines.join('\n')}

Options:
${options.join('\n')}

The database is DATABASE_URL (sqlite:./path, postgres://…); without it, sqlite:./data/mgx_backend.db.`
}
