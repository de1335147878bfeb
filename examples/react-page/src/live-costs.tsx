import { usd } from '@mgx/client'
import { useLiveCosts } from './use-live-costs.js'

/** Shows what one project has spent, and its newest costs as they are recorded. */
export function LiveCosts({ projectId }: { projectId: number }) {
  const { costs, error, isDown } = useLiveCosts(projectId)
  if (error) return <p role="alert">{error.message}</p>
  if (!costs) return <p>Reading the costs …</p>
  const { records, budget } = costs
  return (
    <section aria-label={`Costs of project ${projectId}`}>
      {isDown && <p role="status">Connecting again …</p>}
      <p>
        {usd.format(budget.spent)} of {usd.format(budget.limit)} spent, {usd.format(budget.remaining)} left
      </p>
      <table>
        <thead>
          <tr>
            <th>Time</th>
            <th>Model</th>
            <th>Action</th>
            <th>Cost</th>
          </tr>
        </thead>
        <tbody>
          {records.map(({ id, createdAt, model, actionType, totalCost }) => (
            <tr key={id}>
              <td>{createdAt}</td>
              <td>{model}</td>
              <td>{actionType}</td>
              <td>{usd.format(totalCost)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
