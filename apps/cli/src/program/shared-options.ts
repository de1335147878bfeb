import type { Command, CommandOption } from '../command.js'

const PROFILE: CommandOption = {
  flags: '--profile <name>',
  description: 'the saved server and key to use (default: MGX_PROFILE, or default)',
}

const RESULTS: CommandOption[] = [
  {
    flags: '--output <format>',
    description: 'how to print results (default: table on a terminal, json in a pipe)',
    choices: ['table', 'json', 'ndjson', 'csv'],
  },
  { flags: '--fields <a,b>', description: 'print only these fields' },
  PROFILE,
]

/** The options that commands of each kind share. */
export const sharedOptions: Record<Command['shares'], readonly CommandOption[]> = {
  results: RESULTS,
  profile: [PROFILE],
  nothing: [],
}
