import type { ProjectStatus } from './project.js'

/** Which status may follow which; the end states are final. */
export const projectTransitions: Record<ProjectStatus, readonly ProjectStatus[]> = {
  pending: ['running', 'failed'],
  running: ['completed', 'failed'],
  completed: [],
  failed: [],
}
