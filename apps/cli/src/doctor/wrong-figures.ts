/** Returns how many figures a verification found wrong: `1 figure is wrong`, `at least 100 figures are wrong`. */
export function wrongFigures({ drifts, hasMore }: { drifts: readonly unknown[]; hasMore: boolean }): string {
  const count = drifts.length === 1 ? '1 figure is' : `${drifts.length} figures are`
  return `${hasMore ? 'at least ' : ''}${count} wrong`
}
