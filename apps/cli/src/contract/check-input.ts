import type { DescribedProcedure } from '@mgx/contract/contract-document'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { didYouMean } from '../did-you-mean.js'
import { $defs } from './document.js'

/** Returns what is wrong with an input, one line a fault; an empty list when the contract allows it. */
export function inputFaults({ input }: DescribedProcedure, given: unknown): string[] {
  // The server checks formats too; here the words of the contract that JSON Schema lacks must pass.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true, verbose: true })
  const validate = ajv.compile({ ...input, $defs })
  if (validate(given)) return []
  return [...new Set(ofBestForm(validate.errors ?? []).map(faultLine))]
}

/** An input with several forms fails in each of them: keeps the faults of the form with the fewest. */
function ofBestForm(errors: ErrorObject[]): ErrorObject[] {
  const forms = new Map<string | undefined, ErrorObject[]>()
  for (const error of errors) forms.set(formOf(error), [...(forms.get(formOf(error)) ?? []), error])
  const plain = (forms.get(undefined) ?? []).filter(({ keyword }) => keyword !== 'anyOf')
  forms.delete(undefined)
  const [fewest = []] = [...forms.values()].sort((a, b) => a.length - b.length)
  return [...plain, ...fewest]
}

const formOf = ({ schemaPath }: ErrorObject): string | undefined => /anyOf\/\d+/.exec(schemaPath)?.[0]

function faultLine({ keyword, params, instancePath, message, parentSchema }: ErrorObject): string {
  const path = instancePath.slice(1).replaceAll('/', '.')
  const within = path === '' ? '' : `${path}.`
  if (keyword === 'additionalProperties') {
    const known = Object.keys((parentSchema as { properties?: object })?.properties ?? {})
    const hint = didYouMean(params.additionalProperty, known).trimEnd()
    return `there is no field ${within}${params.additionalProperty}${hint && `. ${hint}`}`
  }
  if (keyword === 'required') return `${within}${params.missingProperty} is missing`
  const allowed = keyword === 'enum' ? `: ${params.allowedValues.join(', ')}` : ''
  return `${path === '' ? 'the input' : path} ${message}${allowed}`
}
