/** The base URL of an OpenAI-compatible API, such as `https://api.openai.com/v1`, and its key. */
export type Provider = { baseUrl: string; apiKey: string }

/** The fields of a chat completion that the stand-in sends; the server reads the usage of whatever a provider sends. */
export type ChatCompletion = {
  model: string
  choices: { message: { content: string } }[]
  usage: { prompt_tokens: number; completion_tokens: number }
}

/**
 * Requests a completion of at most `maxTokens` tokens.
 * @throws Error when the provider refuses, cannot be reached, or does not respond within a minute.
 */
export async function complete(
  { baseUrl, apiKey }: Provider,
  { model, prompt, maxTokens }: { model: string; prompt: string; maxTokens: number },
): Promise<ChatCompletion> {
  const response = await fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: prompt }], max_tokens: maxTokens }),
    signal: AbortSignal.timeout(60_000),
  }).catch((cause: unknown) => {
    throw new Error(`no answer from ${baseUrl}`, { cause })
  })
  if (!response.ok) throw new Error(`the provider answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as ChatCompletion
}
