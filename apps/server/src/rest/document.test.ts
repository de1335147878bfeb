import { procedures } from '@mgx/api'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { restRequest } from '../testing/rest-request.js'
import { startTestServer, type TestServer } from '../testing/test-server.js'
import type { OpenApiDocument } from './document.js'
import { operations } from './operations.js'

type RequestBody = { content: { 'application/json': { example: object } } }

let server: TestServer
let document: OpenApiDocument
beforeAll(async () => {
  server = await startTestServer()
  const response = await fetch(`${server.url}/openapi.json`)
  expect(response.status).toBe(200)
  document = (await response.json()) as OpenApiDocument
})
afterAll(() => server.close())

const operationIn = (template: string, method: string): object => document.paths[template]?.[method.toLowerCase()] ?? {}

test('is valid OpenAPI 3.1', async () => {
  const validator = new Validator()
  expect(await validator.validate(structuredClone(document))).toEqual({ valid: true })
  expect(validator.version).toBe('3.1')
})

test('its schemas are valid JSON Schema, all are used, and no reference is broken', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(document, 'openapi')
  for (const name of Object.keys(document.components.schemas ?? {})) {
    expect(() => ajv.compile({ $ref: `openapi#/components/schemas/${name}` }), name).not.toThrow()
    expect(JSON.stringify(document), name).toContain(`"#/components/schemas/${name}"`)
  }
})

/** Why a valid example may be refused: the row that it names is missing or in another state. */
const OTHER_STATE = ['not_found', 'conflict', 'invalid_transition', 'reservation_closed', 'session_closed']

test('every body has an example that is accepted unchanged, and a second time as a new request', async () => {
  const ids: Record<string, string> = {}
  for (const round of [1, 2]) {
    for (const { method, template, path, body } of operations.filter((operation) => operation.body)) {
      const { requestBody } = operationIn(template, method) as { requestBody: RequestBody }
      const { example } = requestBody.content['application/json']
      expect(body?.example, path).toEqual(example)
      expect(JSON.stringify(example), path).not.toMatch(/idempotencyKey|"string"/)
      const response = await fetch(server.url + template.replace(/\{\w+\}/, '1'), {
        method,
        headers: { authorization: `Bearer ${server.adminApiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(example),
      })
      const answer = (await response.json()) as { reason?: string; id?: number }
      if (!response.ok) expect(OTHER_STATE, `${round} ${method} ${template}`).toContain(answer.reason)
      else if (path === 'projects.create') ids[round] = JSON.stringify(answer.id)
    }
  }
  expect(ids[1]).not.toEqual(ids[2])
})

test('a query that needs parameters has examples of them that are accepted', async () => {
  const read = operations.filter(({ method, template }) => method === 'GET' && !template.includes('{'))
  for (const { template } of read) {
    const { parameters = [] } = operationIn(template, 'GET') as { parameters?: { name: string; example?: unknown }[] }
    const query = parameters.flatMap(({ name, example }) =>
      [example ?? []].flat().map((value) => [name, String(value)] as [string, string]),
    )
    const response = await fetch(`${server.url}${template}?${new URLSearchParams(query)}`, {
      headers: { authorization: `Bearer ${server.adminApiKey}` },
    })
    const answer = (await response.json()) as { reason?: string }
    expect([undefined, 'not_found'], `${template}: ${JSON.stringify(answer)}`).toContain(answer.reason)
  }
})

test('the summary is the first sentence of the description', () => {
  for (const { template, method, description } of operations) {
    const { summary } = operationIn(template, method) as { summary: string }
    expect(summary.length, template).toBeGreaterThan(10)
    expect(description.split(/(?<=\.) /)[0], template).toBe(`${summary}.`)
  }
})

test('every operation is described, asks for a credential, and says how it fails', () => {
  expect(document.security).toEqual([{ bearer: [] }])
  for (const { path, method, template, description } of operations) {
    const operation = document.paths[template]?.[method.toLowerCase()] as Record<string, unknown>
    expect(operation.description).toBe(description)
    expect(operation['x-mgx-authority']).toBe(procedures.get(path)?.meta.authority)
    expect(operation.security).toEqual(path === 'system.health' ? [] : undefined)
    expect(operation.responses).toMatchObject({
      '4XX': { $ref: '#/components/responses/Refused' },
      '5XX': { $ref: '#/components/responses/Failed' },
    })
  }
})

test('a request without a credential is refused, except where the document asks for none', async () => {
  for (const operation of operations) {
    const { path, method } = restRequest(operation, { id: 1, userId: 1, projectId: 1, reservationId: 1 })
    const response = await fetch(server.url + path, { method })
    expect(response.status, `${method} ${path}`).toBe(operation.authority === 'public' ? 400 : 401)
  }
})

test('the entities are components, with their descriptions from the contract', () => {
  expect(document.components.schemas).toMatchObject({
    User: { properties: { totalCost: { description: 'USD; the sum over the projects of the user.' } } },
    Project: { properties: { id: { type: 'integer' }, status: { $ref: '#/components/schemas/ProjectStatus' } } },
    ProjectPage: { properties: { items: { items: { $ref: '#/components/schemas/Project' } } } },
    CreateProjectInput: { additionalProperties: false, required: ['name', 'idea'] },
  })
})

test('a field of the path is not asked for again in the body', () => {
  const post = document.paths['/api/projects/{projectId}/reservations']?.post
  expect(post).toMatchObject({ parameters: [{ name: 'projectId', in: 'path', required: true }, expect.anything()] })
  expect(JSON.stringify((post as { requestBody: unknown }).requestBody)).not.toContain('projectId')
})
