import { emit } from '../../../tooling/emit.js'
import { procedures } from '../src/procedures.js'
import { contractFiles } from './contract-document.js'

await emit(new URL('../src/generated/', import.meta.url), contractFiles(procedures))
