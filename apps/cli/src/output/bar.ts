const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** Returns a bar that fills this share of a width, in eighths of a column; something is always seen of what is not zero. */
export function bar(share: number, width: number): string {
  const eighths = Math.max(share > 0 ? 1 : 0, Math.round(Math.min(1, Math.max(0, share)) * width * 8))
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]
}

/** Returns the columns of a bar for each share, which together fill the width; a share above zero gets at least one. */
export function segments(shares: readonly number[], width: number): number[] {
  const sizes = shares.map((share) => (share > 0 ? Math.max(1, Math.floor(share * width)) : 0))
  const widest = sizes.indexOf(Math.max(...sizes))
  const rest = width - sizes.reduce((sum, each) => sum + each, 0)
  return sizes.map((size, index) => (index === widest ? size + rest : size))
}
