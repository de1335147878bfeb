import { emit } from '../../../tooling/emit.js'
import { currentDocument, readContract } from './contract.js'
import { writeFiles } from './write-files.js'

await emit(new URL('../src/generated/', import.meta.url), writeFiles(readContract(currentDocument)))
