/** Commands that make a project and record what a model call cost, to paste into a shell with MGX_API_KEY set. */
export function firstCall(url: string): string {
  return `PROJECT=$(curl -s ${url}/api/projects \\
  -H "Authorization: Bearer $MGX_API_KEY" -H 'Content-Type: application/json' \\
  -d '{ "name": "Snake", "idea": "Write a snake game", "investment": "3" }' \\
  | node -pe 'JSON.parse(fs.readFileSync(0)).id')

curl -s ${url}/api/projects/$PROJECT/costs \\
  -H "Authorization: Bearer $MGX_API_KEY" -H 'Content-Type: application/json' \\
  -d '{ "model": "gpt-4-turbo", "promptTokens": 1000, "completionTokens": 500, "actionType": "WritePRD" }'`
}
