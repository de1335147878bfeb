import type { ErrorData, AppRouter as ServerRouter } from '@mgx/api'
import { isSchema, refName } from '@mgx/contract/contract-document'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import { expect, test } from 'vitest'
import { differing } from '../../../tooling/emit.js'
import { currentDocument, readContract } from '../generator/contract.js'
import { fieldDoc } from '../generator/doc-comment.js'
import { writeFiles } from '../generator/write-files.js'
import type { MgxMethods } from './index.js'
import type { StreamEvent } from './transport/stream.js'
import type { AppErrorShape, AppRouter } from './trpc.js'

test('the generated files match the contract', async () => {
  const files = writeFiles(readContract(currentDocument))
  expect(await differing(new URL('./generated/', import.meta.url), files)).toEqual([])
})

test('every input field documents its unit or bounds, unless it is an id or a named type', () => {
  const { types } = readContract(currentDocument)
  const forms = types.flatMap(({ name, schema, side }) =>
    side === 'input' ? [schema, ...(schema.anyOf ?? []).filter(isSchema)].map((form) => ({ name, form })) : [],
  )
  const untold = forms.flatMap(({ name, form }) =>
    Object.entries(form.properties ?? {}).flatMap(([field, schema]) => {
      if (!isSchema(schema) || refName(schema) || schema.type === 'boolean' || /id$/i.test(field)) return []
      const isTold =
        /USD|tokens|searches|calls|seconds|characters|items|rows|ISO-8601|YYYY-MM-DD|KiB|as the provider sent it/i
      return isTold.test(fieldDoc(schema, true).join(' ')) ? [] : [`${name}.${field}`]
    }),
  )
  expect(forms.length).toBeGreaterThan(30)
  expect(untold).toEqual([])
})

// The compiler checks the rest: each function below fails to compile, naming the procedures that differ.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Paths<Routes> = { [N in keyof Routes & string]: `${N}.${keyof Routes[N] & string}` }[keyof Routes & string]
type At<Routes, Path> = Path extends `${infer N}.${infer M}`
  ? N extends keyof Routes
    ? M extends keyof Routes[N]
      ? Routes[N][M]
      : 'missing'
    : 'missing'
  : never
type Differing<A, B> = { [P in Paths<A> | Paths<B>]: Equal<At<A, P>, At<B, P>> extends true ? never : P }[
  | Paths<A>
  | Paths<B>]

type ServerInputs = inferRouterInputs<ServerRouter>
type ServerOutputs = inferRouterOutputs<ServerRouter>
type Inputs = inferRouterInputs<AppRouter>
type Outputs = inferRouterOutputs<AppRouter>

/** The inputs and outputs of the client's methods, in the form that tRPC infers for a router. */
type MethodInputs = {
  [N in keyof MgxMethods]: {
    [M in keyof MgxMethods[N]]: MethodInput<At<Inputs, `${N}.${M & string}`>, MgxMethods[N][M]>
  }
}
type MethodInput<Input, Method> = Method extends (...args: infer Args) => unknown
  ? Equal<Extract<Input, object>, Record<string, never>> extends true
    ? Input
    : Exclude<Args[0], undefined> | Exclude<Input, object>
  : never
type Answered<Answer> =
  Answer extends AsyncIterable<StreamEvent<infer Data>>
    ? AsyncIterable<{ id: string; data: Data }, never, unknown>
    : Awaited<Answer>
type MethodOutputs = {
  [N in keyof MgxMethods]: {
    [M in keyof MgxMethods[N]]: MgxMethods[N][M] extends (...args: never[]) => infer Answer ? Answered<Answer> : never
  }
}

export const differingInputs = (path: Differing<ServerInputs, Inputs>): never => path
export const differingOutputs = (path: Differing<ServerOutputs, Outputs>): never => path
export const differingMethodInputs = (path: Differing<ServerInputs, MethodInputs>): never => path
export const differingMethodOutputs = (path: Differing<ServerOutputs, MethodOutputs>): never => path

export const inputsFromServer = (inputs: ServerInputs): Inputs => inputs
export const inputsToServer = (inputs: Inputs): ServerInputs => inputs
export const outputsFromServer = (outputs: ServerOutputs): Outputs => outputs
export const outputsToServer = (outputs: Outputs): ServerOutputs => outputs
export const errorsFromServer = (data: ErrorData): AppErrorShape['data'] => data
export const errorsToServer = (data: AppErrorShape['data']): ErrorData => data
