import { parseArgs } from 'node:util'

/** What the tool is asked for: everything, or one project and the record after which to follow it. */
export type Asked = { projectId?: number; after?: number }

/** @throws Error that says what is wrong and what there is. */
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
