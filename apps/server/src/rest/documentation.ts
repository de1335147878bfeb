import { createReadStream } from 'node:fs'
import { createRequire } from 'node:module'
import type { FastifyInstance } from 'fastify'
import { openApiDocument } from './document.js'

const { resolve } = createRequire(import.meta.url)

/** The files of Swagger UI, served from its npm package so that the page needs no other host. */
const assets = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>MGX Backend: REST</title>
    <link rel="icon" href="/favicon.ico">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <script src="/docs/swagger-ui-bundle.js" defer></script>
    <script src="/docs/start.js" defer></script>
  </head>
  <body><div id="swagger-ui"></div></body>
</html>
`

/** No validator, because it would send the document to another host. The API key is kept in the browser's storage. */
const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  persistAuthorization: true,
  validatorUrl: null,
})
`

/** Nothing from other hosts and no inline scripts; Swagger UI needs inline styles. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Adds `/openapi.json`, and `/docs` to read and try it in a browser. Neither needs a credential. */
export function documentationRoutes(http: FastifyInstance, version: string): void {
  const document = JSON.stringify(openApiDocument(version))
  http.get('/openapi.json', (_request, reply) => reply.type('application/json').send(document))
  http.get('/docs', (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', POLICY).send(PAGE),
  )
  http.get('/docs/start.js', (_request, reply) => reply.type('text/javascript; charset=utf-8').send(START))
  for (const [name, type] of Object.entries(assets)) {
    const file = resolve(`swagger-ui-dist/${name}`)
    http.get(`/docs/${name}`, (_request, reply) => reply.type(type).send(createReadStream(file)))
  }
}
