import { parseArgs } from 'node:util'

/** The arguments: none for everything, or a project to follow and the record after which to start. */
export type Asked = { projectId?: number; after?: number }

/** Reads the command line. @throws Error that says what is wrong, with the usage. */
export function readArguments(args: string[]): Asked {
  try {
    const options = { follow: { type: 'string' }, after: { type: 'string' } } as const
    const { follow, after } = parseArgs({ args, options }).values
    if (follow === undefined && after !== undefined) throw new Error('--after needs --follow')
    return {
      ...(follow !== undefined && { projectId: readId('--follow', follow) }),
      ...(after !== undefined && { after: readId('--after', after) }),
    }
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\nusage: [--follow <projectId> [--after <id>]]`)
  }
}

function readId(name: string, value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new Error(`${name} must be an id, not "${value}"`)
  return Number(value)
}
