import type { CommandTree } from '../command.js'
import { api } from '../commands/api.js'
import { audit } from '../commands/audit.js'
import { budget } from '../commands/budget.js'
import { completion } from '../commands/completion.js'
import { costs } from '../commands/costs.js'
import { db } from '../commands/db.js'
import { doctor } from '../commands/doctor.js'
import { keys } from '../commands/keys.js'
import { login } from '../commands/login.js'
import { logout } from '../commands/logout.js'
import { prices } from '../commands/prices.js'
import { profiles } from '../commands/profiles.js'
import { runs } from '../commands/runs.js'
import { spend } from '../commands/spend.js'
import { users } from '../commands/users.js'
import { verify } from '../commands/verify.js'
import { whoami } from '../commands/whoami.js'

/** All commands, in the order of the help. */
export const tree: CommandTree = {
  login,
  logout,
  whoami,
  profiles,
  runs,
  costs,
  budget,
  spend,
  keys,
  users,
  prices,
  audit,
  verify,
  doctor,
  api,
  completion,
  db,
}
