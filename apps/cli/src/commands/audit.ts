import { callCommand } from '../calls/call-command.js'

/** Who changed what. */
export const audit = callCommand('audit', {
  procedure: 'audit.list',
  summary: 'List who changed what, newest first',
  shown: ['createdAt', 'actor', 'action', 'subject', 'before', 'after'],
})
