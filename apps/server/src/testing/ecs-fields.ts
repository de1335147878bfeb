import { isIP } from 'node:net'

/**
 * The fields that the server logs of the Elastic Common Schema 9.4.0, with their types in Elasticsearch, from
 * `generated/csv/fields.csv` of https://github.com/elastic/ecs at the tag v9.4.0.
 */
export const ecsFields: Readonly<Record<string, FieldType>> = {
  '@timestamp': 'date',
  message: 'match_only_text',
  'client.address': 'keyword',
  'client.ip': 'ip',
  'ecs.version': 'keyword',
  'error.code': 'keyword',
  'error.message': 'match_only_text',
  'error.stack_trace': 'wildcard',
  'error.type': 'keyword',
  'event.category': 'keyword[]',
  'event.dataset': 'keyword',
  'event.duration': 'long',
  'event.kind': 'keyword',
  'event.outcome': 'keyword',
  'event.type': 'keyword[]',
  'host.hostname': 'keyword',
  'http.request.id': 'keyword',
  'http.request.method': 'keyword',
  'http.response.status_code': 'long',
  'log.level': 'keyword',
  'process.pid': 'long',
  'service.name': 'keyword',
  'service.version': 'keyword',
  'trace.id': 'keyword',
  'url.full': 'wildcard',
  'url.path': 'wildcard',
  'user.id': 'keyword',
}

/** A type of Elasticsearch; `[]` where the schema expects a list. */
type FieldType = 'date' | 'match_only_text' | 'keyword' | 'keyword[]' | 'ip' | 'long' | 'wildcard'

const isText = (value: unknown): boolean => typeof value === 'string'
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const checks: Readonly<Record<FieldType, (value: unknown) => boolean>> = {
  date: (value) => isText(value) && !Number.isNaN(Date.parse(String(value))),
  match_only_text: isText,
  keyword: isText,
  'keyword[]': isTexts,
  ip: (value) => isIP(String(value)) !== 0,
  long: Number.isSafeInteger,
  wildcard: isText,
}

/** The values that the schema allows, where it lists them. */
const allowedValues: Readonly<Record<string, readonly string[]>> = {
  'event.kind': ['event'],
  'event.category': ['web'],
  'event.type': ['access'],
  'event.outcome': ['success', 'failure'],
}

/** Returns what is wrong with a line by the schema, in which our own fields are labels; nothing for a line that conforms. */
export function ecsFaults(line: string): string[] {
  const names = [...line.matchAll(/[{,]"([^"\\]+)":/g)].map(([, name]) => name ?? '')
  const fields: Record<string, unknown> = JSON.parse(line)
  // Elasticsearch refuses a document that has a field twice. Texts may look like a field, so only real ones count.
  const twice = Object.keys(fields).filter((name) => names.indexOf(name) !== names.lastIndexOf(name))
  return [
    ...twice.map((name) => `${name} is there twice`),
    ...['@timestamp', 'message', 'log.level', 'ecs.version'].flatMap((name) =>
      name in fields ? [] : [`${name} is missing`],
    ),
    ...Object.entries(fields).flatMap(([name, value]) => faultOf(name, value) ?? []),
  ]
}

function faultOf(name: string, value: unknown): string | undefined {
  if (/^labels\.\w+$/.test(name)) return isText(value) || isTexts(value) ? undefined : `${name} is not text`
  const type = ecsFields[name]
  if (!type) return `${name} is not a field of ECS`
  if (!checks[type](value)) return `${name} is not of the type ${type}`
  const allowed = allowedValues[name]
  return allowed && ![value].flat().every((each) => allowed.includes(String(each))) ? `${name} is ${value}` : undefined
}
