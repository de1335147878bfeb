import { formatUsd, notFound, parseUsd } from '@mgx/contract'
import { AjvValidator, Model, type Pojo } from 'objection'
import { z } from 'zod'

/**
 * The Objection model of a table whose columns are the fields of an entity, which callers may have, and `hidden` ones,
 * which they may not: money as integer nano-USD, JSON as the database's own (Knex maps the names). `word` is what
 * callers call a row of it. Stays unbound, so a query without `db` fails loudly.
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
  const { $schema: _, ...jsonSchema } = z.toJSONSchema(schema.partial(), { target: 'draft-07', io: 'input' })

  class Table extends Model {
    static override tableName = tableName
    static override jsonSchema = jsonSchema as Record<string, unknown>
    static override jsonAttributes = fieldsOfKind(schema, 'json')
    static readonly schema = schema
    static readonly entityFields = shown

    /** The schemas carry annotations of ours (`kind`), which a strict Ajv refuses. */
    static override createValidator() {
      return new AjvValidator({ onCreateAjv: () => {}, options: { strict: false, validateFormats: false } })
    }

    /** What `throwIfNotFound()` throws. */
    static override createNotFoundError() {
      return notFound(word)
    }

    override $parseDatabaseJson(row: Pojo): Pojo {
      const parsed = super.$parseDatabaseJson(row)
      return convert(parsed, money, (nano) => formatUsd(BigInt(nano)))
    }

    override $formatDatabaseJson(json: Pojo): Pojo {
      return super.$formatDatabaseJson(convert(json, money, (amount) => Number(parseUsd(amount))))
    }

    /** JSON of a row has nothing hidden in it either. */
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

/** The names of the fields marked with a kind (`usd`, `json`, `instant`) in the contract. */
export function fieldsOfKind(schema: z.ZodObject, kind: string): string[] {
  return Object.entries(schema.shape).flatMap(([name, field]) => (kindOf(field as z.ZodType) === kind ? [name] : []))
}

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
