import { anthropicInvoices } from './anthropic.js'
import { anthropicTierInvoices } from './anthropic-tiers.js'
import { azureInvoices } from './azure.js'
import { bedrockInvoices } from './bedrock.js'
import { googleInvoices } from './google.js'
import { googleToolInvoices } from './google-tools.js'
import type { Invoice } from './invoice.js'
import { openaiChatInvoices } from './openai-chat.js'
import { openaiCompatibleInvoices } from './openai-compatible.js'
import { openaiMediaInvoices } from './openai-media.js'
import { openaiResponsesInvoices } from './openai-responses.js'
import { openaiSearchInvoices } from './openai-searches.js'
import { openaiTranscriptionInvoices } from './openai-transcriptions.js'
import { otherPlacesInvoices } from './other-places.js'

export type { Invoice } from './invoice.js'

/** Responses in the formats that providers document, with what each costs by its provider's published price list. */
export const invoices: readonly Invoice[] = [
  ...openaiChatInvoices,
  ...openaiResponsesInvoices,
  ...openaiSearchInvoices,
  ...openaiMediaInvoices,
  ...openaiTranscriptionInvoices,
  ...anthropicInvoices,
  ...anthropicTierInvoices,
  ...googleInvoices,
  ...googleToolInvoices,
  ...azureInvoices,
  ...bedrockInvoices,
  ...openaiCompatibleInvoices,
  ...otherPlacesInvoices,
]

/** One invoice of each provider, for tests of what does not depend on the response. */
export const oneInvoiceOfEach: readonly Invoice[] = [
  ...new Map(invoices.map((invoice) => [invoice.input.provider, invoice])).values(),
]

/** Returns the invoice with this name, for tests that need one response. */
export function invoiceNamed(name: string): Invoice {
  const invoice = invoices.find((each) => each.name === name)
  if (!invoice) throw new Error(`there is no invoice named ${name}`)
  return invoice
}
