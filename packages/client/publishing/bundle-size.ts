import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'tsdown'

/** How many bytes a browser loads of what `code` takes from the packages in `folder`: bundled, minified and gzipped. */
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
    // The package is what is to be bundled, and in CI a warning about it ends the check.
    inlineOnly: false,
    dts: false,
    logLevel: 'error',
  })
  return gzipSync(await readFile(join(outDir, 'page.mjs'))).length
}
