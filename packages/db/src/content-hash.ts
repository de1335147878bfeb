import { hash } from 'node:crypto'
import { contentText } from './content-text.js'

/** SHA-256 of what a call asked for: what makes a repeated idempotency key "the same content". */
export function contentHash(content: readonly unknown[]): string {
  return hash('sha256', contentText(content), 'base64url')
}
