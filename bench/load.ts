/** The result of a load: throughput per second, and latency quantiles in milliseconds. */
export type Load = { perSecond: number; p50: number; p99: number }

/** Runs `work` repeatedly on each of `clients` concurrent clients for some seconds. */
export async function load(seconds: number, clients: number, work: (client: number) => Promise<void>): Promise<Load> {
  const milliseconds: number[] = []
  const begin = performance.now()
  const end = begin + seconds * 1_000
  const runs = Array.from({ length: clients }, async (_, client) => {
    for (let start = performance.now(); start < end; ) {
      await work(client)
      const now = performance.now()
      milliseconds.push(now - start)
      start = now
    }
  })
  await Promise.all(runs)
  const elapsed = (performance.now() - begin) / 1_000
  milliseconds.sort((a, b) => a - b)
  return {
    perSecond: milliseconds.length / elapsed,
    p50: quantile(milliseconds, 0.5),
    p99: quantile(milliseconds, 0.99),
  }
}

/** Measures both sides alternately, so that machine load affects both. Discards the first round, the warm-up. */
export async function inTurn<Ours, Theirs>(
  rounds: number,
  ours: () => Promise<Ours>,
  theirs: () => Promise<Theirs>,
): Promise<{ ours: Ours[]; theirs: Theirs[] }> {
  const measured: { ours: Ours[]; theirs: Theirs[] } = { ours: [], theirs: [] }
  for (let round = 0; round <= rounds; round += 1) {
    const theirLoad = await theirs()
    const ourLoad = await ours()
    if (round === 0) continue
    measured.ours.push(ourLoad)
    measured.theirs.push(theirLoad)
  }
  return measured
}

export function median(numbers: readonly number[]): number {
  return quantile(
    numbers.toSorted((a, b) => a - b),
    0.5,
  )
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
