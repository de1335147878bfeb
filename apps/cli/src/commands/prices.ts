import { callCommands } from '../calls/call-command.js'
import type { Group } from '../command.js'

/** Our own prices, and what a call would cost. */
export const prices: Group = {
  summary: 'What calls cost',
  commands: callCommands('prices', {
    list: {
      procedure: 'prices.list',
      summary: 'List your own prices, newest first',
      shown: ['id', 'model', 'inputPrice', 'outputPrice', 'cachedPrice', 'effectiveFrom', 'effectiveTo'],
    },
    set: { procedure: 'prices.set', summary: 'Set a price of your own for a model' },
    quote: {
      procedure: 'prices.quote',
      summary: 'Show what a call would cost, and why',
      shown: [
        'totalCost',
        'source',
        'rule.model',
        'rule.matched',
        'rule.by',
        'canonicalModel',
        'unpriced',
        'breakdown',
      ],
    },
    models: {
      procedure: 'prices.models',
      summary: 'List the models with a known price, each with your own price beside it',
      shown: [
        'provider',
        'model',
        'inputPrice',
        'outputPrice',
        'cachedPrice',
        'override.inputPrice',
        'override.outputPrice',
      ],
    },
    unknown: {
      procedure: 'prices.unknown',
      summary: 'List models whose calls were refused, because they have no price',
    },
    reprice: { procedure: 'prices.reprice', summary: 'Correct earlier costs by a price that was entered late' },
  }),
}
