const SECRET_NAME = /(authorization|cookie|secret|password|token|api[-_]?key)$/i
const SECRET_VALUE = /mgx_(key|ses)_[^\s"']+/g
const MASK = '[masked]'

/** A copy without secrets: neither the values of fields that are named like one, nor our keys and tokens in any text. */
export function mask<Value>(value: Value): Value {
  return masked(value) as Value
}

function masked(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(SECRET_VALUE, MASK)
  if (Array.isArray(value)) return value.map(masked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      SECRET_NAME.test(name) && typeof field === 'string' ? MASK : masked(field),
    ]),
  )
}
