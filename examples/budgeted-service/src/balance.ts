import { type Budget, type Guarded, usd } from '@mgx/client'

/** Returns the differences between the calls of the workers and the budget of their project; empty when they agree. */
export function imbalances(calls: Guarded<unknown>[], budget: Budget): string[] {
  const paid = usd.add(...calls.map(({ record }) => record?.totalCost ?? '0'))
  const passed = calls.filter((call) => isPassed(call.budget)).length
  return [
    ...(isPassed(budget) ? [`${budget.spent} USD were spent, of ${budget.limit}`] : []),
    ...(passed > 0 ? [`${passed} calls saw the budget passed`] : []),
    ...(usd.compare(paid, budget.spent) !== 0 ? [`the calls cost ${paid} USD, the budget says ${budget.spent}`] : []),
    ...(usd.compare(budget.reserved, 0) !== 0 ? [`${budget.reserved} USD are still held`] : []),
  ]
}

const isPassed = ({ spent, reserved, limit }: Budget): boolean => usd.compare(usd.add(spent, reserved), limit) > 0
