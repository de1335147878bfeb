import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import type { FastifyInstance } from 'fastify'
import type { Check } from '../health/health.js'
import { firstCall } from '../process/announce.js'
import { isHttps } from './forwarded.js'

const FAVICON = readFileSync(createRequire(import.meta.url).resolve('#assets/favicon.ico'))

const STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 46rem; margin: 3rem auto; padding: 0 1rem }
pre { overflow-x: auto; padding: 1rem; border: 1px solid; border-radius: 6px; font-size: 13px }`

/** Allows only the page's own style and icon. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; img-src 'self'; frame-ancestors 'none'`

type Parts = { version: string; hasMetrics: boolean; failedChecks: () => Promise<Check[]> }

/** Adds `/`, a page that says what this server is and how to make a first call, and the icon of all pages. */
export function homePage(http: FastifyInstance, { failedChecks, ...parts }: Parts): void {
  http.get('/', async (request, reply) => {
    const page = pageOf({ ...parts, failed: await failedChecks(), address: addressIn(request.raw) })
    return reply.type('text/html; charset=utf-8').header('content-security-policy', POLICY).send(page)
  })
  http.get('/favicon.ico', (_request, reply) => reply.type('image/x-icon').send(FAVICON))
}

/** Returns the address that the browser has used; a host that would need escaping is replaced by the default one. */
function addressIn(request: IncomingMessage): string {
  const { host = '' } = request.headers
  const isPlain = /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(host)
  return `${isHttps(request) ? 'https' : 'http'}://${isPlain ? host : '127.0.0.1:3210'}`
}

type Page = Omit<Parts, 'failedChecks'> & { failed: Check[]; address: string }

function pageOf({ version, hasMetrics, failed, address }: Page): string {
  const state = failed.length === 0 ? 'ready' : `not ready: ${failed.join(', ')}`
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>MGX Backend</title>
    <link rel="icon" href="/favicon.ico">
    <style>${STYLE}</style>
  </head>
  <body>
    <h1>MGX Backend</h1>
    <p>The ledger for runs of AI agent teams: budgets that hold, costs that add up.</p>
    <p>Version ${version} is <strong>${state}</strong>. Probes: <a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>${hasMetrics ? ';\n      Prometheus: <a href="/metrics">/metrics</a>' : ''}.</p>
    <h2>A first call</h2>
    <p>With the API key that the server printed at its first start, create a project and record what a model call cost:</p>
    <pre>export MGX_API_KEY=mgx_key_…

${firstCall(address)}</pre>
    <p>Lost the key? Start the server once with a new one of your own in <code>MGX_ADMIN_API_KEY</code>, 16 characters or more.</p>
    <h2>More</h2>
    <ul>
      <li><a href="/docs">/docs</a>: every call, to read and to try</li>
      <li><a href="/openapi.json">/openapi.json</a>: the same for programs, OpenAPI 3.1</li>
      <li><code>/trpc</code>: the same for the typed client, <code>@mgx/client</code></li>
    </ul>
  </body>
</html>
`
}
