/** What only this repository needs is not published: a reader of the package sees that it installs nothing else. */
export const hooks = {
  /** @param {Record<string, unknown>} manifest */
  beforePacking(manifest) {
    const { devDependencies, scripts, ...published } = manifest
    return published
  },
}
