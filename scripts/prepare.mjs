// Makes a clone ready to run: installs the dependencies and builds the packages. start.mjs, test.mjs and mgx.mjs import
// it first. Uses only Node built-ins, because it runs before anything is installed.
import './install.mjs'
import { pnpm } from './pnpm.mjs'

await pnpm('Building …', 'exec', 'turbo', 'run', 'build')
