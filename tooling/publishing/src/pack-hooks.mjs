/** Leaves `devDependencies` and `scripts` out of the published manifest, because only this repository needs them. */
export const hooks = {
  /** @param {Record<string, unknown>} manifest */
  beforePacking(manifest) {
    const { devDependencies, scripts, ...published } = manifest
    return published
  },
}
