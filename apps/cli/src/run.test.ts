import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { leavesOf } from './command.js'
import { procedures } from './contract/document.js'
import { inputFields } from './contract/input-fields.js'
import { tree } from './program/command-tree.js'
import { mgxHere } from './testing/run-here.js'

test.each([[['--help']], [['-h']], [['help']]])('%j prints the help of all', async (args) => {
  const { code, stdout, stderr } = await mgxHere(args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^Usage: mgx /)
  for (const name of Object.keys(tree)) expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
})

test('every command has a help that names its options, and an example where the contract has one', async () => {
  for (const [path, { details }] of leavesOf(tree)) {
    const { options = [], examples = [] } = (await details?.()) ?? {}
    const { code, stdout } = await mgxHere(['help', ...path.split(' ')])
    expect({ path, code }).toEqual({ path, code: 0 })
    expect(stdout).toMatch(new RegExp(`^Usage: mgx ${path}\\b`))
    for (const { flags } of options) expect(stdout).toContain(flags)
    for (const example of examples) expect(stdout).toContain(example)
  }
})

test('options, units and bounds in the help come from the contract', async () => {
  const { stdout } = await mgxHere(['runs', 'create', '--help'], { terminal: { columns: 200, rows: 50 } })
  expect(stdout).toMatch(/--investment <usd> +USD; the budget limit of the run \(default: 3\)/)
  expect(stdout).toMatch(/--name <text> .*\(required\)/)
  expect(stdout).toContain("mgx runs create --name Snake --idea 'A snake game in the terminal'")
})

test('no field of an input is called like an option that commands share', () => {
  const taken = ['all', 'fields', 'help', 'output', 'profile', 'version', 'yes']
  for (const procedure of Object.values(procedures))
    for (const { name } of inputFields(procedure)) expect(taken).not.toContain(name)
})

test('of an option that is given twice, the nearer one to the command counts', async () => {
  const env = { XDG_CONFIG_HOME: '/nowhere' }
  expect((await mgxHere(['--output', 'json', 'profiles', '--output', 'csv'], { env })).stdout).toMatch(/^name,url/)
})

test.each([[['--version']], [['-v']]])('%j prints the version', async (args) => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  expect(await mgxHere(args)).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test.each([
  [[], 'mgx runs'],
  [['db'], 'status'],
  [['runs'], 'create'],
])('%j is incomplete, and prints the help as words', async (args, contained) => {
  const { code, stdout, stderr } = await mgxHere(args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(contained.replace('mgx ', ''))
})

test.each([
  [['frobnicate'], 'There is no command "frobnicate".\nSee: mgx --help'],
  [['toString'], 'There is no command "toString".\nSee: mgx --help'],
  [['help', 'frobnicate'], 'There is no command "frobnicate".\nSee: mgx --help'],
  [['hepl'], 'There is no command "hepl". Did you mean "mgx help"?\nSee: mgx --help'],
  [['bd', 'status'], 'There is no command "bd status". Did you mean "mgx db status"?\nSee: mgx --help'],
  [['db', 'migarte'], 'There is no command "db migarte". Did you mean "mgx db migrate"?\nSee: mgx --help'],
  [['runs', 'lst'], 'There is no command "runs lst". Did you mean "mgx runs list"?\nSee: mgx --help'],
  [
    ['runs', 'list', '--statsu', 'x'],
    'mgx runs list has no option --statsu. Did you mean "--status"?\nSee: mgx runs list --help',
  ],
  [
    ['db', 'rollback', '--yse'],
    'mgx db rollback has no option --yse. Did you mean "--yes"?\nSee: mgx db rollback --help',
  ],
  [['db', 'status', '--yes'], 'mgx db status has no option --yes.\nSee: mgx db status --help'],
  [['db', 'migrate', '--version'], 'mgx db migrate has no option --version.\nSee: mgx db migrate --help'],
  [['--yes'], 'mgx has no option --yes.\nSee: mgx --help'],
  [['runs', 'show'], "missing required argument 'id'\nSee: mgx runs show --help"],
  [['runs', 'show', 'seven'], 'ID must be a whole number, not "seven"'],
  [['runs', 'show', '0'], 'ID must be more than 0, not "0"'],
  [['runs', 'create', '--name', 'Snake'], 'mgx runs create needs --idea\nSee: mgx runs create --help'],
  [['runs', 'raise', '1', '2,50'], 'INVESTMENT must be an amount of USD such as 2.50, not "2,50"'],
  [['runs', 'list', '--limit', '0'], '--limit must be a whole number above 0, not "0"'],
  [['runs', 'list', '--fields', 'idd'], /^There is no field "idd". Did you mean "id"\? Fields: id, userId, /],
  [
    ['keys', 'create', '--name', 'x', '--scopes', 'raed'],
    '--scopes cannot be "raed". Did you mean "read"? Use: read, record, write, admin',
  ],
  [
    ['costs', 'list', '1', '--from', 'yesterday'],
    '--from must be a time such as 2026-01-31T08:00:00Z, or a day, not "yesterday"',
  ],
  [['costs', 'export', '1', '--output', 'table'], 'This command prints csv, ndjson, json; there is no table'],
  [['spend', '--by', 'dya'], /^--by cannot be "dya". Did you mean "day"\? Use: day, user, project, model, /],
  [
    ['api', 'projects.lst'],
    'There is no procedure "projects.lst". Did you mean "projects.list"?\nTo list them: mgx api',
  ],
  [['api', 'projects.get', '{id:1}'], /^The input is not JSON: /],
  [
    ['api', 'projects.get', '{"di":1}'],
    'projects.get: id is missing; there is no field di. Did you mean "id"?\nSee: mgx api --help, or /docs of the server',
  ],
  [['api', 'budgets.reserve', '{"projectId":1,"amuont":"1"}'], /there is no field amuont. Did you mean "amount"\?/],
  [['keys', 'revoke', '1'], 'mgx does not revoke the key without --yes\nNothing was changed. Add --yes to agree'],
  [['completion', 'csh'], 'There is no completion for "csh". Use: bash, zsh, fish'],
])('%j is wrong use: two lines at most, no output, exit code 2', async (args, said) => {
  const { code, stdout, stderr } = await mgxHere(args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  if (typeof said === 'string') expect(stderr).toBe(`mgx: ${said}\n`)
  else expect(stderr.replace('mgx: ', '')).toMatch(said)
  expect(stderr.split('\n').length).toBeLessThanOrEqual(3)
})

test('an unknown format is refused with the known ones', async () => {
  const { code, stderr } = await mgxHere(['runs', 'list', '--output', 'xml'])
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/table, json, ndjson, csv/) })
})
