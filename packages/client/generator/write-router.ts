import type { Contract } from './contract.js'
import type { TypeText } from './type-text.js'

const definition = (output: string): string => `{ meta: unknown; input: Input; output: ${output} }`

const kinds = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const

const ERROR_SHAPE = `/** An error as the server sends it. */
export interface AppErrorShape {
  message: string
  code: TRPC_ERROR_CODE_NUMBER
  data: {
    code: TRPC_ERROR_CODE_KEY
    httpStatus: number
    /** The procedure; null when the request did not name one. */
    path: string | null
    reason: Reason
    /** Identifies the call in the server's log. */
    requestId: string | null
    /** Machine-readable facts about the failure; which ones depends on the reason. */
    details?: Record<string, unknown>
  }
}`

/** Returns the type of the router, built only from tRPC's public types, so that it pulls in no server code. */
export function routerBlocks({ procedures }: Contract, text: TypeText, imports: string[]): string[][] {
  const namespaces = [...new Set(procedures.map(({ namespace }) => namespace))]
  const records = namespaces.flatMap((namespace) => {
    const methods = procedures.filter((procedure) => procedure.namespace === namespace)
    const lines = methods.map(({ method, type, input, inputOptional, output }) => {
      const taken = `${text(input, true)}${inputOptional ? ' | undefined' : ''}`
      return `      ${method}: ${kinds[type]}<${taken}, ${text(output, false)}>`
    })
    return [`    ${namespace}: {`, ...lines, '    }']
  })
  return [
    [
      'import type {',
      '  TRPC_ERROR_CODE_KEY,',
      '  TRPC_ERROR_CODE_NUMBER,',
      '  TRPCBuiltRouter,',
      '  TRPCMutationProcedure,',
      '  TRPCQueryProcedure,',
      '  TRPCSubscriptionProcedure,',
      "} from '@trpc/server'",
      ...imports,
    ],
    [
      `type Query<Input, Output> = TRPCQueryProcedure<${definition('Output')}>`,
      `type Mutation<Input, Output> = TRPCMutationProcedure<${definition('Output')}>`,
      'type Events<Data> = AsyncIterable<{ id: string; data: Data }, void, unknown>',
      `type Subscription<Input, Output> = TRPCSubscriptionProcedure<${definition('Events<Output>')}>`,
    ],
    ERROR_SHAPE.split('\n'),
    [
      "/** The type of the server's router, for use with a tRPC client. It contains no server code, and its context is empty. */",
      'export type AppRouter = TRPCBuiltRouter<',
      '  { ctx: object; meta: object; errorShape: AppErrorShape; transformer: false },',
      '  {',
      ...records,
      '  }',
      '>',
    ],
  ]
}
