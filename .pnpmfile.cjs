// openapi-typescript asks TypeScript for its JavaScript API, which 7 does not have: it brings its own TypeScript.
function readPackage(manifest) {
  if (manifest.name === 'openapi-typescript') {
    delete manifest.peerDependencies.typescript
    manifest.dependencies.typescript = '5.9.3'
  }
  return manifest
}

module.exports = { hooks: { readPackage } }
