import { existsSync, readdirSync } from 'node:fs'

/**
 * Returns the TypeScript files of a package under src/, generator/ and publishing/.
 *
 * @param {string} folder
 * @returns {string[]}
 */
export function sourceFiles(folder) {
  return ['src', 'generator', 'publishing']
    .map((part) => `${folder}/${part}`)
    .filter((part) => existsSync(part))
    .flatMap((part) => readdirSync(part, { recursive: true }).map((file) => `${part}/${file}`.replaceAll('\\', '/')))
    .filter((file) => /\.tsx?$/.test(file))
}
