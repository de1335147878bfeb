/** What a browser says about a request from a page of the server itself. */
export const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' }

/** Sends a POST with JSON. */
export function post(url: string, headers: Record<string, string> = {}, body?: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

/** Returns the JSON of a response, to be compared field by field. */
export async function jsonOf<Json>(response: Response): Promise<Json> {
  return (await response.json()) as Json
}

/** Returns `name=value` of the first cookie that a response sets; an empty text when it sets none. */
export function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

/** Returns the headers of a browser that sends a cookie from a page of the server itself. */
export function withCookie(cookie: string): Record<string, string> {
  return { cookie, ...SAME_ORIGIN }
}
