import { expect, test } from 'vitest'
import { z } from 'zod'
import * as contract from './index.js'
import { jsonSchemas, nameOf } from './json-schema.js'

test('refers to contract schemas by name without adding ids to zod’s global registry', () => {
  const page = contract.pageOf(contract.Project)
  expect(nameOf(page)).toBe('ProjectPage')
  const { Page, Project, ProjectStatus } = jsonSchemas({ outputs: new Map([['Page', page]]) })
  expect(Page?.properties?.items).toEqual({ type: 'array', items: { $ref: '#/$defs/Project' } })
  expect(Project?.properties?.status).toEqual({ $ref: '#/$defs/ProjectStatus' })
  expect(ProjectStatus).toEqual({ type: 'string', enum: ['pending', 'running', 'completed', 'failed'] })
  expect(z.globalRegistry.get(contract.ProjectStatus)).toBeUndefined()
  expect(z.globalRegistry.get(page)).toBeUndefined()
})

test('keeps the defaults and examples of transformed values', () => {
  const { Input } = jsonSchemas({ inputs: new Map([['Input', contract.CreateProjectInput]]) })
  expect(Input?.properties?.investment).toMatchObject({ default: '3' })
  expect(Input?.properties?.name).toMatchObject({ examples: ['Snake'] })
})
