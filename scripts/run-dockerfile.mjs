// Runs a Dockerfile in bare folders instead of containers: each stage is a folder, and a path of the image is a path in it.
// Commands run with the programs of this machine, so they may name their stage's files only by relative paths.
import { execFileSync } from 'node:child_process'
import { chownSync, cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Copy, DockerfileParser, Env, From, Workdir } from 'dockerfile-ast'

/** Who runs the program where a Dockerfile names a user: one who owns nothing. */
const NOBODY = 65_534

/**
 * @typedef {object} Stage
 * @property {string} root the folder that stands for /
 * @property {string} workdir
 * @property {Record<string, string>} env
 * @property {string[]} command
 * @property {string[]} healthcheck
 * @property {number | undefined} uid
 */

/**
 * Runs a Dockerfile of the current folder and returns its last stage.
 * @param {string} file
 * @param {string} folder where the stages are made
 * @returns {Stage}
 */
export function runDockerfile(file, folder) {
  /** @type {Map<string, Stage>} */
  const stages = new Map()
  /** @type {Stage | undefined} */
  let stage
  for (const instruction of DockerfileParser.parse(readFileSync(file, 'utf8')).getInstructions()) {
    if (instruction instanceof From) {
      const name = instruction.getBuildStage() ?? String(stages.size)
      stage = { root: join(folder, name), workdir: '/', env: {}, command: [], healthcheck: [], uid: undefined }
      mkdirSync(stage.root)
      stages.set(name, stage)
    }
    if (!stage) throw new Error(`${file}: an instruction before the first FROM`)
    run(instruction, stage, stages)
  }
  if (!stage) throw new Error(`${file}: no FROM`)
  return stage
}

/**
 * @param {import('dockerfile-ast').Instruction} instruction
 * @param {Stage} stage
 * @param {Map<string, Stage>} stages
 */
function run(instruction, stage, stages) {
  const keyword = instruction.getKeyword()
  const words = instruction.getArguments().map((argument) => argument.getValue())
  if (instruction instanceof Workdir) {
    stage.workdir = resolve(stage.workdir, instruction.getPath() ?? '/')
    mkdirSync(pathIn(stage, '.'), { recursive: true })
  } else if (instruction instanceof Env) {
    for (const property of instruction.getProperties()) stage.env[property.getName()] = property.getValue() ?? ''
  } else if (instruction instanceof Copy) {
    copy(instruction, stage, stages)
  } else if (keyword === 'RUN') {
    const command = instruction.getRawArgumentsContent() ?? ''
    console.log(`RUN ${command}`)
    const env = { ...process.env, NODE_ENV: '', ...stage.env }
    execFileSync('sh', ['-ec', command], { cwd: pathIn(stage, '.'), env, stdio: ['ignore', 'inherit', 'inherit'] })
  } else if (keyword === 'USER') {
    stage.uid = NOBODY
  } else if (keyword === 'CMD') {
    stage.command = commandIn(instruction)
  } else if (keyword === 'HEALTHCHECK') {
    stage.healthcheck = commandIn(instruction)
  } else if (!['FROM', 'VOLUME', 'EXPOSE', 'STOPSIGNAL'].includes(keyword)) {
    throw new Error(`${keyword} ${words.join(' ')} cannot be run in a folder`)
  }
}

/** @param {import('dockerfile-ast').Instruction} instruction @returns {string[]} */
function commandIn(instruction) {
  const [, json] = /(\[.*\])$/s.exec(instruction.getRawArgumentsContent() ?? '') ?? []
  if (json === undefined) throw new Error(`${instruction.getKeyword()}: write the command as JSON`)
  return JSON.parse(json)
}

/**
 * @param {Copy} instruction
 * @param {Stage} stage
 * @param {Map<string, Stage>} stages
 */
function copy(instruction, stage, stages) {
  const [source = '', target = ''] = instruction.getArguments().map((argument) => argument.getValue())
  const flags = Object.fromEntries(instruction.getFlags().map((flag) => [flag.getName(), flag.getValue() ?? '']))
  const to = pathIn(stage, target)
  const { from, chown } = flags
  if (from !== undefined) {
    const origin = stages.get(from)
    if (!origin) throw new Error(`COPY --from=${from}: no such stage`)
    cpSync(pathIn(origin, source), to, { recursive: true, verbatimSymlinks: true })
  } else {
    // What a clone has, and what is new in it: .dockerignore leaves out what .gitignore does.
    const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z', source], { encoding: 'utf8' })
    for (const name of files.split('\0').filter(Boolean)) {
      mkdirSync(dirname(join(to, name)), { recursive: true })
      cpSync(name, join(to, name), { verbatimSymlinks: true })
    }
  }
  if (chown && process.getuid?.() === 0) chownSync(to, NOBODY, NOBODY)
}

/**
 * Returns where a path of the image is on this machine.
 * @param {Stage} stage
 * @param {string} path
 */
export function pathIn({ root, workdir }, path) {
  return join(root, resolve(workdir, path))
}

/**
 * Returns the environment of a stage with its paths on this machine.
 * @param {Stage} stage
 * @returns {Record<string, string>}
 */
export function environmentOf({ root, env }) {
  const folders = readdirSync(root)
  const translate = (/** @type {string} */ text) =>
    folders.reduce((value, name) => value.replaceAll(`/${name}`, join(root, name)), text)
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, translate(value)]))
}
