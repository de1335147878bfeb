import { callCommands } from '../calls/call-command.js'
import type { Group } from '../command.js'
import { rotateSigning } from './rotate-signing.js'

const ONCE = 'The key is shown only now: keep it in a safe place.'
const CREATED = ['key', 'apiKey.id', 'apiKey.name', 'apiKey.scopes', 'apiKey.projectId', 'apiKey.expiresAt']

/** API keys, and the keys that sign access tokens. */
export const keys: Group = {
  summary: 'API keys',
  commands: {
    ...callCommands('keys', {
      list: {
        procedure: 'apiKeys.list',
        summary: 'List API keys, newest first, without the keys themselves',
        shown: ['id', 'name', 'prefix', 'scopes', 'projectId', 'lastUsedAt', 'expiresAt', 'revokedAt'],
      },
      create: { procedure: 'apiKeys.create', summary: 'Create an API key', shown: CREATED, note: ONCE },
      rotate: {
        procedure: 'apiKeys.rotate',
        summary: 'Replace an API key by a new one; both work for a while',
        args: ['id'],
        shown: CREATED,
        note: ONCE,
      },
      revoke: { procedure: 'apiKeys.revoke', summary: 'Revoke an API key', args: ['id'], confirm: 'revoke the key' },
    }),
    'rotate-signing': rotateSigning,
  },
}
