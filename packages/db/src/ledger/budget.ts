import { type Budget, formatUsd, parseUsd } from '@mgx/contract'

/** A budget as callers see it, from its limit, spent and reserved amounts (USD strings). */
export function toBudget(amounts: Pick<Budget, 'projectId' | 'limit' | 'spent' | 'reserved'>): Budget {
  const limit = parseUsd(amounts.limit)
  const spent = parseUsd(amounts.spent)
  const left = limit - spent - parseUsd(amounts.reserved)
  return { ...amounts, remaining: formatUsd(left > 0n ? left : 0n), exceeded: spent > limit }
}
