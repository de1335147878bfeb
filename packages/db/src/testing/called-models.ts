/** A name by which a model is called, and what it means. */
export type CalledModel = {
  /** The provider that the caller gives, if any. */
  readonly provider: string | undefined
  readonly called: string
  readonly canonical: string
  /** How an override of the canonical model matches the called name. */
  readonly by: string
  /** The catalogue's entry that prices the call without an override, as provider/id. */
  readonly basis: string
}

/** Each line: called [@provider], canonical model, by, basis. */
const TABLE: Record<string, string> = {
  OpenAI: `
    gpt-4o-2024-08-06 gpt-4o date openai/gpt-4o
    gpt-4o-2024-11-20 gpt-4o date openai/gpt-4o
    gpt-4o-2024-05-13 gpt-4o-2024-05-13 name openai/gpt-4o-2024-05-13
    gpt-4o-mini-2024-07-18 gpt-4o-mini date openai/gpt-4o-mini
    gpt-4.1-2025-04-14 gpt-4.1 date openai/gpt-4.1
    gpt-4.1-mini-2025-04-14 gpt-4.1-mini date openai/gpt-4.1-mini
    gpt-4.1-nano-2025-04-14 gpt-4.1-nano date openai/gpt-4.1-nano
    gpt-4-0613 gpt-4 date openai/gpt-4
    gpt-4-turbo-2024-04-09 gpt-4-turbo date openai/gpt-4-turbo
    gpt-3.5-turbo-0125 gpt-3.5-turbo date openai/gpt-3.5-turbo
    gpt-3.5-turbo-1106 gpt-3.5-turbo-1106 name openai/gpt-3.5-turbo-1106
    o1-2024-12-17 o1 date openai/o1
    o1-pro-2025-03-19 o1-pro date openai/o1-pro
    o3-2025-04-16 o3 date openai/o3
    o3-mini-2025-01-31 o3-mini date openai/o3-mini
    o3-pro-2025-06-10 o3-pro date openai/o3-pro
    o4-mini-2025-04-16 o4-mini date openai/o4-mini
    gpt-5-2025-08-07 gpt-5 date openai/gpt-5
    gpt-5-mini-2025-08-07 gpt-5-mini date openai/gpt-5-mini
    gpt-5-nano-2025-08-07 gpt-5-nano date openai/gpt-5-nano
    gpt-5.1-2025-11-13 gpt-5.1 date openai/gpt-5.1
    gpt-5.2-2025-12-11 gpt-5.2 date openai/gpt-5.2
    gpt-4o-audio-preview-2024-12-17 gpt-4o-audio-preview date openai/gpt-4o-audio-preview
    gpt-4o-search-preview-2025-03-11 gpt-4o-search-preview date openai/gpt-4o-search-preview
    chatgpt-4o-latest chatgpt-4o-latest name openai/chatgpt-4o-latest
    text-embedding-3-small text-embedding-3-small name openai/text-embedding-3-small
    text-embedding-3-small @openai text-embedding-3-small name openai/text-embedding-3-small
  `,
  Anthropic: `
    claude-3-haiku-20240307 claude-3-haiku date anthropic/claude-3-haiku
    claude-3-sonnet-20240229 claude-3-sonnet date anthropic/claude-3-sonnet
    claude-3-opus-20240229 claude-3-opus-latest date anthropic/claude-3-opus-latest
    claude-3-opus-latest claude-3-opus-latest name anthropic/claude-3-opus-latest
    claude-3-5-haiku-20241022 claude-3-5-haiku-latest date anthropic/claude-3-5-haiku-latest
    claude-3-5-haiku-latest claude-3-5-haiku-latest name anthropic/claude-3-5-haiku-latest
    claude-3-5-sonnet-20240620 claude-3-5-sonnet date anthropic/claude-3-5-sonnet
    claude-3-5-sonnet-20241022 claude-3-5-sonnet date anthropic/claude-3-5-sonnet
    claude-3-7-sonnet-20250219 claude-3-7-sonnet-latest date anthropic/claude-3-7-sonnet-latest
    claude-3-7-sonnet-latest claude-3-7-sonnet-latest name anthropic/claude-3-7-sonnet-latest
    claude-sonnet-4-20250514 claude-sonnet-4-0 date anthropic/claude-sonnet-4-0
    claude-sonnet-4-0 claude-sonnet-4-0 name anthropic/claude-sonnet-4-0
    claude-opus-4-20250514 claude-opus-4-0 date anthropic/claude-opus-4-0
    claude-opus-4-0 claude-opus-4-0 name anthropic/claude-opus-4-0
    claude-opus-4-1-20250805 claude-opus-4-1 date anthropic/claude-opus-4-1
    claude-opus-4-1 claude-opus-4-1 name anthropic/claude-opus-4-1
    claude-sonnet-4-5-20250929 claude-sonnet-4-5 date anthropic/claude-sonnet-4-5
    claude-sonnet-4-5 claude-sonnet-4-5 name anthropic/claude-sonnet-4-5
    claude-haiku-4-5-20251001 claude-haiku-4-5 date anthropic/claude-haiku-4-5
    claude-opus-4-5-20251101 claude-opus-4-5 date anthropic/claude-opus-4-5
    claude-sonnet-4-6 claude-sonnet-4-6 name anthropic/claude-sonnet-4-6
    claude-opus-4-6 claude-opus-4-6 name anthropic/claude-opus-4-6
  `,
  Gemini: `
    gemini-2.5-pro gemini-2.5-pro name google/gemini-2.5-pro
    models/gemini-2.5-pro gemini-2.5-pro prefix google/gemini-2.5-pro
    gemini-2.5-flash gemini-2.5-flash name google/gemini-2.5-flash
    models/gemini-2.5-flash gemini-2.5-flash prefix google/gemini-2.5-flash
    gemini-2.5-flash-lite gemini-2.5-flash-lite name google/gemini-2.5-flash-lite
    gemini-2.5-flash-image gemini-2.5-flash-image name google/gemini-2.5-flash-image
    gemini-2.0-flash gemini-2.0-flash name google/gemini-2.0-flash
    gemini-2.0-flash-001 gemini-2.0-flash date google/gemini-2.0-flash
    models/gemini-2.0-flash-001 gemini-2.0-flash prefix google/gemini-2.0-flash
    gemini-2.0-flash-lite-001 gemini-2.0-flash-lite date google/gemini-2.0-flash-lite
    gemini-1.5-pro-002 gemini-1.5-pro date google/gemini-1.5-pro
    gemini-1.5-pro-latest gemini-1.5-pro date google/gemini-1.5-pro
    gemini-1.5-flash-001 gemini-1.5-flash date google/gemini-1.5-flash
    gemini-2.5-flash-preview-05-20 gemini-2.5-flash-preview date google/gemini-2.5-flash-preview
    gemini-2.5-flash-tts gemini-2.5-flash-tts name google/gemini-2.5-flash-tts
    gemini-3-pro-preview gemini-3-pro-preview name google/gemini-3-pro-preview
    gemini-3-flash-preview gemini-3-flash-preview name google/gemini-3-flash-preview
    gemini-3.1-pro-preview gemini-3.1-pro-preview name google/gemini-3.1-pro-preview
    gemini-embedding-001 gemini-embedding-001 name google/gemini-embedding-001
    models/gemini-embedding-001 gemini-embedding-001 prefix google/gemini-embedding-001
    publishers/google/models/gemini-2.5-flash gemini-2.5-flash prefix google/gemini-2.5-flash
    projects/p1/locations/us-central1/publishers/google/models/gemini-2.0-flash-001 gemini-2.0-flash prefix google/gemini-2.0-flash
    google/gemini-2.5-pro @google gemini-2.5-pro prefix google/gemini-2.5-pro
    publishers/anthropic/models/claude-sonnet-4-5@20250929 claude-sonnet-4-5 prefix google/claude-sonnet-4-5
    claude-opus-4-6@default @google claude-opus-4-6 date google/claude-opus-4-6
  `,
  Bedrock: `
    anthropic.claude-3-haiku-20240307-v1:0 claude-3-haiku prefix aws/regional.anthropic.claude-3-haiku-20240307-v1:0
    us.anthropic.claude-3-5-haiku-20241022-v1:0 claude-3-5-haiku-latest prefix aws/regional.anthropic.claude-3-5-haiku-20241022-v1:0
    anthropic.claude-3-5-sonnet-20240620-v1:0 claude-3-5-sonnet prefix aws/regional.anthropic.claude-3-5-sonnet-20240620-v1:0
    us.anthropic.claude-3-5-sonnet-20241022-v2:0 claude-3-5-sonnet prefix aws/regional.anthropic.claude-3-5-sonnet-20241022-v2:0
    us.anthropic.claude-3-7-sonnet-20250219-v1:0 claude-3-7-sonnet-latest prefix aws/regional.anthropic.claude-3-7-sonnet-20250219-v1:0
    us.anthropic.claude-sonnet-4-20250514-v1:0 claude-sonnet-4-0 prefix aws/regional.anthropic.claude-sonnet-4-20250514-v1:0
    global.anthropic.claude-sonnet-4-20250514-v1:0 claude-sonnet-4-0 prefix aws/global.anthropic.claude-sonnet-4-20250514-v1:0
    us.anthropic.claude-opus-4-1-20250805-v1:0 claude-opus-4-1 prefix aws/regional.anthropic.claude-opus-4-1-20250805-v1:0
    us.anthropic.claude-sonnet-4-5-20250929-v1:0 claude-sonnet-4-5 prefix aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0
    eu.anthropic.claude-sonnet-4-5-20250929-v1:0 @bedrock claude-sonnet-4-5 prefix aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0
    global.anthropic.claude-sonnet-4-5-20250929-v1:0 @aws claude-sonnet-4-5 prefix aws/global.anthropic.claude-sonnet-4-5-20250929-v1:0
    jp.anthropic.claude-haiku-4-5-20251001-v1:0 claude-haiku-4-5 prefix aws/regional.anthropic.claude-haiku-4-5-20251001-v1:0
    us.anthropic.claude-opus-4-5-20251101-v1:0 claude-opus-4-5 prefix aws/regional.anthropic.claude-opus-4-5-v1:0
    global.anthropic.claude-opus-4-6-v1 claude-opus-4-6 prefix aws/global.anthropic.claude-opus-4-6-v1:0
    us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0 claude-sonnet-4-5 prefix aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0
    arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0 claude-3-haiku prefix aws/regional.anthropic.claude-3-haiku-20240307-v1:0
    arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0 claude-sonnet-4-5 prefix aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0
    amazon.nova-lite-v1:0 amazon.nova-lite-v1:0 name aws/amazon.nova-lite-v1:0
    us.amazon.nova-pro-v1:0 amazon.nova-pro-v1:0 prefix aws/amazon.nova-pro-v1:0
    us.amazon.nova-2-lite-v1:0 amazon.nova-2-lite-v1:0 prefix aws/regional.amazon.nova-2-lite-v1:0
    global.amazon.nova-2-lite-v1:0 amazon.nova-2-lite-v1:0 prefix aws/global.amazon.nova-2-lite-v1:0
    us.meta.llama3-3-70b-instruct-v1:0 meta.llama3-3-70b-instruct-v1:0 prefix aws/meta.llama3-3-70b-instruct-v1:0
    us.meta.llama4-maverick-17b-instruct-v1:0 meta.llama4-maverick-17b-instruct-v1:0 prefix aws/meta.llama4-maverick-17b-instruct-v1:0
    us.deepseek.r1-v1:0 deepseek.r1-v1:0 prefix aws/deepseek.r1-v1:0
    mistral.mistral-large-2402-v1:0 mistral.mistral-large-2402-v1:0 name aws/mistral.mistral-large-2402-v1:0
    openai.gpt-oss-120b-1:0 gpt-oss-120b prefix aws/openai.gpt-oss-120b-1:0
    qwen.qwen3-32b-v1:0 qwen.qwen3-32b-v1:0 name aws/qwen.qwen3-32b-v1:0
    cohere.command-r-plus-v1:0 command-r-plus prefix cohere/command-r-plus
    amazon.titan-embed-text-v1 amazon.titan-embed-text-v1 name aws/amazon.titan-embed-text-v1
  `,
  Azure: `
    gpt-35-turbo @azure gpt-3.5-turbo prefix openai/gpt-3.5-turbo
    gpt-35-turbo-16k @azure gpt-3.5-turbo-16k prefix openai/gpt-3.5-turbo-16k
    gpt-3.5-turbo-0125 @azure gpt-3.5-turbo date openai/gpt-3.5-turbo
    gpt-4-0613 @azure gpt-4 date openai/gpt-4
    gpt-4-turbo-2024-04-09 @azure gpt-4-turbo date openai/gpt-4-turbo
    gpt-4o-2024-05-13 @azure gpt-4o-2024-05-13 name openai/gpt-4o-2024-05-13
    gpt-4o-2024-08-06 @azure gpt-4o date openai/gpt-4o
    gpt-4o-2024-11-20 @azure gpt-4o date openai/gpt-4o
    gpt-4o-mini-2024-07-18 @azure gpt-4o-mini date openai/gpt-4o-mini
    gpt-4.1-2025-04-14 @azure gpt-4.1 date openai/gpt-4.1
    gpt-4.1-mini-2025-04-14 @azure gpt-4.1-mini date openai/gpt-4.1-mini
    gpt-4.1-nano-2025-04-14 @azure gpt-4.1-nano date openai/gpt-4.1-nano
    o1-2024-12-17 @azure o1 date azure/o1
    o3-2025-04-16 @azure o3 date azure/o3-2025-04-16
    o3-mini-2025-01-31 @azure o3-mini date azure/o3-mini
    o4-mini-2025-04-16 @azure o4-mini date azure/o4-mini
    gpt-5-2025-08-07 @azure gpt-5 date openai/gpt-5
    gpt-5-mini-2025-08-07 @azure gpt-5-mini date openai/gpt-5-mini
    gpt-5.1-2025-11-13 @azure gpt-5.1 date openai/gpt-5.1
    text-embedding-3-small @azure text-embedding-3-small name azure/text-embedding-3-small
    text-embedding-3-large @azure text-embedding-3-large name azure/text-embedding-3-large
    text-embedding-ada-002 @azure text-embedding-ada-002 name azure/ada
    gpt-4o @azure gpt-4o name openai/gpt-4o
  `,
  OpenRouter: `
    openai/gpt-4o @openrouter gpt-4o prefix openrouter/openai/gpt-4o
    openai/gpt-4o-2024-08-06 gpt-4o prefix openai/gpt-4o
    openai/gpt-4o-mini gpt-4o-mini prefix openai/gpt-4o-mini
    openai/gpt-4.1 gpt-4.1 prefix openai/gpt-4.1
    openai/gpt-5 gpt-5 prefix openai/gpt-5
    openai/o3 o3 prefix openai/o3
    openai/o4-mini o4-mini prefix openai/o4-mini
    openai/gpt-3.5-turbo gpt-3.5-turbo prefix openai/gpt-3.5-turbo
    anthropic/claude-3-haiku claude-3-haiku prefix anthropic/claude-3-haiku
    anthropic/claude-3.5-haiku claude-3-5-haiku-latest prefix anthropic/claude-3-5-haiku-latest
    anthropic/claude-3.7-sonnet claude-3-7-sonnet-latest prefix anthropic/claude-3-7-sonnet-latest
    anthropic/claude-sonnet-4 claude-sonnet-4-0 prefix anthropic/claude-sonnet-4-0
    anthropic/claude-sonnet-4.5 claude-sonnet-4-5 prefix anthropic/claude-sonnet-4-5
    anthropic/claude-sonnet-4.5 @openrouter claude-sonnet-4-5 prefix openrouter/anthropic/claude-sonnet-4.5
    anthropic/claude-opus-4.1 claude-opus-4-1 prefix anthropic/claude-opus-4-1
    anthropic/claude-opus-4.5 claude-opus-4-5 prefix anthropic/claude-opus-4-5
    anthropic/claude-haiku-4.5 claude-haiku-4-5 prefix anthropic/claude-haiku-4-5
    google/gemini-2.5-pro gemini-2.5-pro prefix google/gemini-2.5-pro
    google/gemini-2.5-flash gemini-2.5-flash prefix google/gemini-2.5-flash
    google/gemini-2.0-flash-001 gemini-2.0-flash prefix google/gemini-2.0-flash
    google/gemini-2.0-flash-001 @openrouter gemini-2.0-flash prefix openrouter/google/gemini-2.0-flash-001
    mistralai/mistral-large-2411 mistral-large prefix mistral/mistral-large
    mistralai/mistral-nemo mistral-nemo prefix mistral/mistral-nemo
    deepseek/deepseek-chat deepseek-chat prefix deepseek/deepseek-chat
    x-ai/grok-4 grok-4-0709 prefix x-ai/grok-4-0709
    x-ai/grok-3-mini grok-3-mini prefix x-ai/grok-3-mini
    meta-llama/llama-3.3-70b-instruct meta-llama/llama-3.3-70b-instruct name openrouter/meta-llama/llama-3.3-70b-instruct
    meta-llama/llama-4-maverick meta-llama/llama-4-maverick name openrouter/meta-llama/llama-4-maverick
    qwen/qwen3-32b qwen/qwen3-32b name openrouter/qwen/qwen3-32b
    moonshotai/kimi-k2 kimi-k2 prefix moonshotai/kimi-k2
    openai/gpt-oss-120b gpt-oss-120b prefix openai/gpt-oss-120b
    z-ai/glm-4.6 z-ai/glm-4.6 name openrouter/z-ai/glm-4.6
    minimax/minimax-m2 MiniMax-M2 prefix minimax/MiniMax-M2
    cohere/command-r-plus-08-2024 command-r-plus prefix cohere/command-r-plus
  `,
  LiteLLM: `
    openai/gpt-4.1-2025-04-14 gpt-4.1 prefix openai/gpt-4.1
    azure/gpt-4o-2024-11-20 gpt-4o prefix openai/gpt-4o
    azure/eu/gpt-4o-2024-08-06 gpt-4o prefix openai/gpt-4o
    azure/global/gpt-4o-2024-11-20 gpt-4o prefix openai/gpt-4o
    azure/gpt-35-turbo gpt-3.5-turbo prefix openai/gpt-3.5-turbo
    azure/o3-mini o3-mini prefix azure/o3-mini
    azure/gpt-4.1 gpt-4.1 prefix openai/gpt-4.1
    anthropic/claude-sonnet-4-5-20250929 claude-sonnet-4-5 prefix anthropic/claude-sonnet-4-5
    bedrock/anthropic.claude-3-haiku-20240307-v1:0 claude-3-haiku prefix aws/regional.anthropic.claude-3-haiku-20240307-v1:0
    bedrock/converse/us.anthropic.claude-sonnet-4-5-20250929-v1:0 claude-sonnet-4-5 prefix aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0
    bedrock/us.amazon.nova-lite-v1:0 amazon.nova-lite-v1:0 prefix aws/amazon.nova-lite-v1:0
    bedrock/invoke/anthropic.claude-3-5-sonnet-20240620-v1:0 claude-3-5-sonnet prefix aws/regional.anthropic.claude-3-5-sonnet-20240620-v1:0
    vertex_ai/gemini-2.5-pro gemini-2.5-pro prefix google/gemini-2.5-pro
    vertex_ai/claude-sonnet-4-5@20250929 claude-sonnet-4-5 prefix google/claude-sonnet-4-5
    vertex_ai/claude-3-5-sonnet-v2@20241022 claude-3-5-sonnet prefix google/claude-3-5-sonnet
    gemini/gemini-2.5-flash gemini-2.5-flash prefix google/gemini-2.5-flash
    gemini/gemini-2.0-flash-001 gemini-2.0-flash prefix google/gemini-2.0-flash
    openrouter/anthropic/claude-3.5-sonnet claude-3-5-sonnet prefix openrouter/anthropic/claude-3.5-sonnet
    openrouter/openai/gpt-4o gpt-4o prefix openrouter/openai/gpt-4o
    openrouter/google/gemini-2.5-flash gemini-2.5-flash prefix openrouter/google/gemini-2.5-flash
    openrouter/meta-llama/llama-3.3-70b-instruct meta-llama/llama-3.3-70b-instruct prefix openrouter/meta-llama/llama-3.3-70b-instruct
    xai/grok-4 grok-4-0709 prefix x-ai/grok-4-0709
    xai/grok-3 grok-3 prefix x-ai/grok-3
    mistral/mistral-large-latest mistral-large prefix mistral/mistral-large
    mistral/mistral-large-2411 mistral-large prefix mistral/mistral-large
    deepseek/deepseek-chat deepseek-chat prefix deepseek/deepseek-chat
    groq/llama-3.3-70b-versatile llama-3.3-70b-versatile prefix groq/llama-3.3-70b-versatile
    groq/openai/gpt-oss-120b gpt-oss-120b prefix groq/openai/gpt-oss-120b
    together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo meta-llama/Llama-3.3-70B-Instruct-Turbo prefix together/meta-llama/Llama-3.3-70B-Instruct-Turbo
    fireworks_ai/accounts/fireworks/models/deepseek-v3p2 deepseek-v3p2 prefix fireworks/deepseek-v3p2
    perplexity/sonar-pro sonar-pro prefix perplexity/sonar-pro
    cohere/command-r-plus command-r-plus prefix cohere/command-r-plus
    moonshot/kimi-k2-0905-preview kimi-k2-0905-preview prefix moonshotai/kimi-k2-0905-preview
    cohere_chat/command-r-08-2024 command-r prefix cohere/command-r
    voyage/voyage-3.5 voyage-3.5 prefix voyageai/voyage-3.5
    cerebras/gpt-oss-120b gpt-oss-120b prefix cerebras/gpt-oss-120b
  `,
}

/** Returns the table, by the provider or program that writes the names. */
export const calledModels: readonly (readonly [writer: string, models: readonly CalledModel[]])[] = Object.entries(
  TABLE,
).map(([writer, lines]) => [writer, lines.trim().split('\n').map(rowOf)])

function rowOf(line: string): CalledModel {
  const [called = '', ...rest] = line.trim().split(' ')
  const provider = rest[0]?.startsWith('@') ? rest.shift()?.slice(1) : undefined
  const [canonical = '', by = '', basis = ''] = rest
  return { provider, called, canonical, by, basis }
}
