import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { ecsFields } from '../testing/ecs-fields.js'

const read = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../../deploy/filebeat/${name}`, import.meta.url)), 'utf8')

/** The fields that Filebeat and the pipeline add, with their types by the schema. */
const added: Readonly<Record<string, string>> = {
  // The others that `geoip` writes are texts, which a dynamic template maps.
  'client.geo.location': 'geo_point',
  'event.ingested': 'date',
  'related.ip': 'ip',
  'related.user': 'keyword',
}

const general = {
  description: z.string().optional(),
  if: z.string().optional(),
  ignore_failure: z.boolean().optional(),
}
/** The options of the processors that we use, by the Elasticsearch reference. */
const Processor = z.union([
  z.strictObject({ dot_expander: z.strictObject({ field: z.string(), override: z.boolean().optional(), ...general }) }),
  z.strictObject({ set: z.strictObject({ field: z.string(), value: z.string(), ...general }) }),
  z.strictObject({
    append: z.strictObject({
      field: z.string(),
      value: z.string(),
      allow_duplicates: z.boolean().optional(),
      ...general,
    }),
  }),
  z.strictObject({
    geoip: z.strictObject({
      field: z.string(),
      target_field: z.string(),
      ignore_missing: z.boolean().optional(),
      ...general,
    }),
  }),
])
const Pipeline = z.strictObject({
  description: z.string(),
  processors: z.array(Processor),
  on_failure: z.array(Processor),
})

test('the ingest pipeline has known processors, which read fields that the server writes', () => {
  const text = read('pipeline.json')
  const { processors } = Pipeline.parse(JSON.parse(text))
  const inTexts = [...text.matchAll(/\{\{\{([^}]+)\}\}\}/g)].map(([, name = '']) => name)
  const inConditions = [...text.matchAll(/ctx\.([\w?.]+)/g)].map(([, name = '']) => name.replaceAll('?', ''))
  const inOptions = processors.flatMap((each) => ('geoip' in each ? [each.geoip.field] : []))
  const fields = [...inTexts, ...inConditions, ...inOptions].filter((name) => !name.startsWith('_ingest.'))
  expect(fields.length).toBeGreaterThan(0)
  expect(fields.filter((name) => !(name in ecsFields))).toEqual([])
  const written = processors.flatMap((each) => ('set' in each ? [each.set] : 'append' in each ? [each.append] : []))
  expect(written.map(({ field }) => field).filter((name) => !(name in added))).toEqual([])
})

type Mapping = { type?: string; properties?: Record<string, Mapping> }

function typesIn({ properties = {} }: Mapping, parent = ''): [name: string, type: string][] {
  return Object.entries(properties).flatMap(([name, mapping]): [string, string][] => [
    ...(mapping.type === undefined ? [] : [[parent + name, mapping.type] as [string, string]]),
    ...typesIn(mapping, `${parent}${name}.`),
  ])
}

test('the index template maps each field to its type in the schema', () => {
  const { index_patterns: patterns, template } = JSON.parse(read('index-template.json'))
  expect(patterns).toEqual(['logs-mgx-*'])
  const types = Object.entries({ ...ecsFields, ...added }).map(([name, type]) => [name, type.replace('[]', '')])
  expect(Object.fromEntries(typesIn(template.mappings))).toEqual(Object.fromEntries(types))
})

test('Filebeat reads lines as JSON with dots in their names and sends them through the pipeline', () => {
  const config = parse(read('filebeat.yml'))
  const ndjson = { target: '', overwrite_keys: true, expand_keys: true, add_error_key: true, message_key: 'message' }
  for (const input of config['filebeat.inputs']) {
    expect(input).toMatchObject({ type: 'filestream', id: expect.any(String) })
    expect(input.parsers.at(-1)).toEqual({ ndjson })
  }
  const output = config['output.elasticsearch']
  expect(output.pipeline).toBe('mgx-logs')
  expect(output.index).toMatch(/^logs-mgx-/)
  expect(JSON.stringify(config.processors)).toContain('"service.name":"mgx-server"')
})

test('Compose sets only variables that the configuration of Filebeat reads, and mounts files that are there', () => {
  const { filebeat, 'logs-setup': setup } = parse(read('../compose.yaml')).services
  const known = [...read('filebeat.yml').matchAll(/\$\{(\w+):/g)].map(([, name]) => name)
  expect(known).toEqual(expect.arrayContaining(Object.keys(filebeat.environment)))
  const mounted = [...setup.command.join().matchAll(/\/filebeat\/([\w.-]+)/g)].map(([, name = '']) => name)
  expect(mounted).toEqual(['pipeline.json', 'index-template.json'])
  for (const name of mounted) expect(JSON.parse(read(name))).toBeTypeOf('object')
})
