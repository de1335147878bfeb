import type { IncomingMessage } from 'node:http'
import { isHttps } from './forwarded.js'

const YEAR_SECONDS = 31_536_000

/** For everything but the pages, which have policies of their own: a response is data and loads nothing. */
const NOTHING = "default-src 'none'; frame-ancestors 'none'"

/** For every response that a browser may show as a page. The pages replace the content security policy. */
const always = {
  'content-security-policy': NOTHING,
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}
const overHttps = { ...always, 'strict-transport-security': `max-age=${YEAR_SECONDS}` }

/** Returns the security headers of a response that a browser may show; over https they keep the browser there. */
export function securityHeaders(request: Pick<IncomingMessage, 'headers'>): Record<string, string> {
  return isHttps(request) ? overHttps : always
}
