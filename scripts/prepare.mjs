// Brings a clone to a state that runs: dependencies installed, packages built. `node scripts/prepare.mjs` does just that;
// start.mjs, test.mjs and mgx.mjs import it first. Node built-ins only, as this runs before anything is installed.
import './install.mjs'
import { pnpm } from './pnpm.mjs'

await pnpm('Building …', 'exec', 'turbo', 'run', 'build')
