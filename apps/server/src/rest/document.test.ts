import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { restRequest } from '../testing/rest-request.js'
import { startTestServer, type TestServer } from '../testing.js'
import type { OpenApiDocument } from './document.js'
import { operations } from './operations.js'

let server: TestServer
let document: OpenApiDocument
beforeAll(async () => {
  server = await startTestServer()
  const response = await fetch(`${server.url}/openapi.json`)
  expect(response.status).toBe(200)
  document = (await response.json()) as OpenApiDocument
})
afterAll(() => server.close())

test('is valid OpenAPI 3.1', async () => {
  const validator = new Validator()
  expect(await validator.validate(structuredClone(document))).toEqual({ valid: true })
  expect(validator.version).toBe('3.1')
})

test('its schemas are valid JSON Schema, each used, and refer to nothing that is missing', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(document, 'openapi')
  for (const name of Object.keys(document.components.schemas ?? {})) {
    expect(() => ajv.compile({ $ref: `openapi#/components/schemas/${name}` }), name).not.toThrow()
    expect(JSON.stringify(document), name).toContain(`"#/components/schemas/${name}"`)
  }
})

test('the examples of a body are such a body', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(document, 'openapi')
  const shown = operations.filter(({ body }) => body?.examples !== undefined)
  expect(shown.map(({ path }) => path)).toContain('projects.updateStatus')
  for (const { template, method, body } of shown) {
    const place = ['paths', template, method.toLowerCase(), 'requestBody', 'content', 'application/json', 'schema']
    const pointer = place.map((name) => encodeURIComponent(name.replaceAll('/', '~1'))).join('/')
    const fits = ajv.compile({ $ref: `openapi#/${pointer}` })
    for (const example of body?.examples ?? []) expect(fits(example), `${method} ${template}`).toBe(true)
  }
})

test('every operation is described, asks for a credential, and says how it fails', () => {
  expect(document.security).toEqual([{ bearer: [] }])
  for (const { path, method, template, description } of operations) {
    const operation = document.paths[template]?.[method.toLowerCase()] as Record<string, unknown>
    expect(operation.description).toBe(description)
    expect(operation.security).toEqual(path === 'system.health' ? [] : undefined)
    expect(operation.responses).toMatchObject({
      '4XX': { $ref: '#/components/responses/Refused' },
      '5XX': { $ref: '#/components/responses/Failed' },
    })
  }
})

test('whoever bears no credential is refused, but where the document asks for none', async () => {
  for (const operation of operations) {
    const { path, method } = restRequest(operation, { id: 1, userId: 1, projectId: 1, reservationId: 1 })
    const response = await fetch(server.url + path, { method })
    expect(response.status, `${method} ${path}`).toBe(operation.isPublic ? 400 : 401)
  }
})

test('the entities are components, with what the contract says of them', () => {
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
