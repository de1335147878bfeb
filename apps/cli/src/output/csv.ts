/** Spreadsheets run a text that begins like this as a formula. */
const FORMULA = /^[=+@\t\r]|^-(?!\d+(\.\d+)?$)/

/** Returns a line of CSV as RFC 4180 quotes it, ending as files here do: nothing for null, lists and objects as JSON, formulas as text. */
export const csvLine = (values: readonly unknown[]): string => `${values.map(csvField).join(',')}\n`

function csvField(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  const safe = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
