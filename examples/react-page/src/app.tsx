import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useState } from 'react'
import { LiveCosts } from './live-costs.js'
import { Projects } from './projects.js'

const queryClient = new QueryClient()

/** Shows all projects, and below them the costs of the selected one. */
export function App() {
  const [projectId, setProjectId] = useState<number>()
  return (
    <QueryClientProvider client={queryClient}>
      <h1>What the projects spend</h1>
      <Projects onSelect={setProjectId} />
      {projectId !== undefined && <LiveCosts key={projectId} projectId={projectId} />}
    </QueryClientProvider>
  )
}
