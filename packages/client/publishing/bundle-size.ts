import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'tsdown'

/** Returns the size in bytes of `code` bundled with the packages in `folder`, minified and gzipped. */
export async function bundleSize(folder: string, code: string): Promise<number> {
  await writeFile(join(folder, 'page.mjs'), code)
  const outDir = join(folder, 'page')
  await build({
    config: false,
    cwd: folder,
    entry: ['page.mjs'],
    outDir,
    platform: 'browser',
    minify: true,
    noExternal: [/./],
    // Bundling the package is intended; without this, tsdown warns about it, and a warning fails in CI.
    inlineOnly: false,
    dts: false,
    logLevel: 'error',
  })
  return gzipSync(await readFile(join(outDir, 'page.mjs'))).length
}
