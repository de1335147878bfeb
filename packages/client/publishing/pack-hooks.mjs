/** What only this repository needs is not published: a reader of the package sees that it installs nothing else. */
export const hooks = {
  beforePacking(manifest) {
    const { devDependencies, scripts, ...published } = manifest
    return published
  },
}
