import { formatUsd, notFound, parseUsd } from '@mgx/contract'
import { AjvValidator, Model, type Pojo } from 'objection'
import { z } from 'zod'

/**
 * Returns the Objection model of a table whose columns are the fields of an entity plus `hidden` ones, which callers
 * never see. Money is stored as integer nano-USD, JSON as the database's own type, a list of words as text; Knex maps the
 * names. `word` names a row in error messages. The model stays unbound, so a query without `db` fails loudly.
 */
export function modelOf<Entity extends z.ZodObject, Hidden extends z.ZodRawShape>(
  tableName: string,
  word: string,
  entity: Entity,
  hidden: Hidden,
) {
  const schema: z.ZodObject = entity.extend(hidden)
  const shown = Object.keys(entity.shape)
  const money = fieldsOfKind(schema, 'usd')
  const words = fieldsOfKind(schema, 'words')
  const { $schema: _, ...jsonSchema } = z.toJSONSchema(schema.partial(), { target: 'draft-07', io: 'input' })

  class Table extends Model {
    static override tableName = tableName
    static override jsonSchema = jsonSchema as Record<string, unknown>
    static override jsonAttributes = fieldsOfKind(schema, 'json')
    static readonly schema = schema
    static readonly entityFields = shown

    /** A strict Ajv rejects our annotation `kind` in the schemas, and compiling the schema of schemas slows every start. */
    static override createValidator() {
      const options = { strict: false, validateFormats: false, validateSchema: false, meta: false }
      return new AjvValidator({ onCreateAjv: () => {}, options })
    }

    /** Thrown by `throwIfNotFound()`. */
    static override createNotFoundError() {
      return notFound(word)
    }

    override $parseDatabaseJson(row: Pojo): Pojo {
      const parsed = super.$parseDatabaseJson(row)
      return convert(
        convert(parsed, money, (nano) => formatUsd(BigInt(nano))),
        words,
        readWords,
      )
    }

    override $formatDatabaseJson(json: Pojo): Pojo {
      return super.$formatDatabaseJson(convert(json, money, (amount) => Number(parseUsd(amount))))
    }

    /** Keeps hidden fields out of a row's JSON too. */
    override $formatJson(json: Pojo): Pojo {
      return only(shown, super.$formatJson(json))
    }

    toEntity(): Pojo {
      return only(shown, this)
    }
  }
  type Row = Model & z.infer<Entity> & z.infer<z.ZodObject<Hidden>> & { toEntity(): z.infer<Entity> }
  return Table as unknown as Omit<typeof Table, 'prototype'> & (new () => Row)
}

/** Returns the names of the fields that the contract marks with a kind (`usd`, `json`, `instant`). */
export function fieldsOfKind(schema: z.ZodObject, kind: string): string[] {
  return Object.entries(schema.shape).flatMap(([name, field]) => (kindOf(field as z.ZodType) === kind ? [name] : []))
}

/** Writes a list of words, such as `serviceTier`, as text; {@link readWords} reads it. */
export const writeWords = (words: readonly string[]): string => words.join(' ')

const readWords = (text: string): string[] => (text === '' ? [] : text.split(' '))

function kindOf(field: z.ZodType): unknown {
  const inner =
    field instanceof z.ZodNullable || field instanceof z.ZodOptional ? (field.unwrap() as z.ZodType) : undefined
  return field.meta()?.kind ?? (inner && kindOf(inner))
}

function convert(row: Pojo, fields: string[], change: (value: string) => unknown): Pojo {
  const converted = fields.filter((field) => row[field] != null && typeof row[field] !== 'object')
  return { ...row, ...Object.fromEntries(converted.map((field) => [field, change(row[field])])) }
}

function only(fields: readonly string[], row: Pojo): Pojo {
  return Object.fromEntries(fields.map((field) => [field, row[field]]))
}
