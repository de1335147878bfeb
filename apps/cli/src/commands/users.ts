import { callCommands } from '../calls/call-command.js'
import type { Group } from '../command.js'

/** People and services that own runs. */
export const users: Group = {
  summary: 'Users and their spending limits',
  commands: callCommands('users', {
    list: {
      procedure: 'users.list',
      summary: 'List users, newest first',
      shown: ['id', 'username', 'email', 'role', 'totalCost', 'spendingLimit', 'deactivatedAt'],
    },
    show: { procedure: 'users.get', summary: 'Show a user', args: ['id'] },
    find: { procedure: 'users.getByUsername', summary: 'Show the user of this name', args: ['username'] },
    create: {
      procedure: 'users.create',
      summary: 'Create a user and their first API key',
      note: 'The key is shown only now: keep it in a safe place.',
    },
    update: { procedure: 'users.update', summary: 'Change the given fields of a user', args: ['id'] },
    deactivate: {
      procedure: 'users.deactivate',
      summary: 'End the keys, sessions and tokens of a user',
      args: ['id'],
      confirm: 'end the keys, sessions and tokens of the user',
    },
    reactivate: { procedure: 'users.reactivate', summary: 'Let a deactivated user in again', args: ['id'] },
  }),
}
