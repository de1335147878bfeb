import { API_KEY_PATTERN } from '@mgx/api'
import { reasons } from '@mgx/contract'
import { exampleOf, type JsonSchema } from '@mgx/contract/contract-document'
import { RestError } from './error.js'
import { components, type Operation, operations, type Parameter } from './operations.js'
import { KEY_IN_HEADER } from './read-input.js'
import { componentSchemas, refTo, resolved } from './schemas.js'

const ABOUT = `The ledger for runs of AI agent teams: users start projects with an investment, every model call becomes a cost
record, and holds keep a run within its budget. Money is USD in decimal strings, instants are ISO-8601 in UTC. Lists are
paged: pass the \`nextCursor\` of a page as \`cursor\` to get the next one.`

const KEY_HEADER = 'IdempotencyKey'
const json = (schema: JsonSchema, example?: object) => ({ 'application/json': { schema, ...(example && { example }) } })

export type OpenApiDocument = {
  openapi: string
  paths: Record<string, Record<string, object>>
  components: Record<string, object>
  [field: string]: unknown
}

/** Returns the OpenAPI 3.1 document of everything under `/api`. */
export function openApiDocument(version: string): OpenApiDocument {
  const { RestError: error = {} } = componentSchemas({ outputs: new Map([['RestError', RestError]]) })
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations) {
    paths[operation.template] = {
      ...paths[operation.template],
      [operation.method.toLowerCase()]: operationObject(operation),
    }
  }
  const namespaces = [...new Set(operations.map(namespaceOf))]
  return {
    openapi: '3.1.0',
    info: { title: 'MGX Backend', version, description: ABOUT, license: { name: 'MIT', identifier: 'MIT' } },
    tags: namespaces.map((name) => ({ name })),
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas: { ...components, RestError: error },
      responses: {
        Refused: { description: 'The request was refused, and nothing changed.', content: json(refTo('RestError')) },
        Failed: {
          description: `The server failed. After \`unavailable\` (${reasons.unavailable.httpStatus}), the request may be retried.`,
          content: json(refTo('RestError')),
        },
      },
      parameters: {
        [KEY_HEADER]: {
          name: 'Idempotency-Key',
          in: 'header',
          description: 'The same as `idempotencyKey` in the body.',
          schema: { type: 'string', pattern: KEY_IN_HEADER.source },
        },
      },
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: `An API key, a session token, an access token, or a token of the configured OpenID provider. The API keys that the server creates match \`${API_KEY_PATTERN}\`.`,
        },
      },
    },
  }
}

function operationObject(operation: Operation): object {
  const { id, description, authority, parameters, body, output, takesKey } = operation
  const listed = [
    ...parameters.map(described),
    ...(takesKey ? [{ $ref: `#/components/parameters/${KEY_HEADER}` }] : []),
  ]
  return {
    operationId: id,
    summary: /^.*?(?=\.( |$))/.exec(description)?.[0],
    description,
    tags: [namespaceOf(operation)],
    'x-mgx-authority': authority,
    ...(authority === 'public' && { security: [] }),
    ...(listed.length > 0 && { parameters: listed }),
    ...(body && { requestBody: { required: isNeeded(body.schema), content: json(body.schema, body.example) } }),
    responses: {
      200: { description: 'Success.', content: json(output) },
      '4XX': { $ref: '#/components/responses/Refused' },
      '5XX': { $ref: '#/components/responses/Failed' },
    },
  }
}

/** Moves the description of a parameter beside its schema, and adds an example to required query parameters. */
function described({ schema: { description, ...schema }, ...parameter }: Parameter): object {
  const example =
    parameter.required && parameter.in === 'query' ? exampleOf(schema, (name) => components[name]) : undefined
  return {
    ...parameter,
    ...(description !== undefined && { description }),
    schema,
    ...(example !== undefined && { example }),
  }
}

/** Returns whether the body is required. */
function isNeeded(body: JsonSchema): boolean {
  const schema = resolved(body, components)
  return schema.anyOf !== undefined || (schema.required ?? []).length > 0
}

function namespaceOf({ path }: Operation): string {
  return path.slice(0, path.indexOf('.'))
}
