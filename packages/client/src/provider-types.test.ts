import type { Message } from '@anthropic-ai/sdk/resources/messages'
import type { ConverseCommandOutput } from '@aws-sdk/client-bedrock-runtime'
import type { GenerateContentResponse } from '@google/genai'
import type { ChatCompletion } from 'openai/resources/chat/completions'
import type { CreateEmbeddingResponse } from 'openai/resources/embeddings'
import type { ImagesResponse } from 'openai/resources/images'
import type { Response } from 'openai/resources/responses/responses'
import { expectTypeOf, test } from 'vitest'
import type { CostUpdate, RecordUsageInput } from './index.js'

// Types only: tsc, not vitest, fails when the type of a provider's package does not fit.

type Responses =
  | ChatCompletion
  | Response
  | CreateEmbeddingResponse
  | ImagesResponse
  | Message
  | GenerateContentResponse
  | ConverseCommandOutput

test('the responses of the providers’ own packages fit', () => {
  expectTypeOf<{ projectId: number; provider: 'openai'; response: Responses }>().toExtend<RecordUsageInput>()
  expectTypeOf<{ provider: 'openai'; response: Responses }>().toExtend<CostUpdate>()
  expectTypeOf<{ provider: 'openai'; response: string }>().not.toExtend<CostUpdate>()
})
