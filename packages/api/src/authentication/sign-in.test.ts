import { expect, test } from 'vitest'
import { describeApi } from '../testing/callers.js'

const ROUNDS = 15
const ISSUER = 'https://issuer.example'
const REQUEST = { requestId: 'sign-in', address: null }

describeApi('the sign-in of an identity', (api) => {
  test('that is removed meanwhile opens no session that is valid afterwards', async () => {
    const { id: userId } = await api.member()
    const sub = 'ada'
    for (let round = 0; round < ROUNDS; round++) {
      const identity = await api.admin.identities.create({ userId, issuer: ISSUER, subject: sub })
      const [removed, ...signIns] = await Promise.allSettled([
        api.admin.identities.remove({ id: identity.id }),
        ...Array.from({ length: 4 }, () => api.services.credentials.signIn.withIdentity({ iss: ISSUER, sub }, REQUEST)),
      ])
      expect(removed).toMatchObject({ status: 'fulfilled' })
      for (const signIn of signIns) {
        expect(signIn).toMatchObject(
          signIn.status === 'fulfilled'
            ? { value: { user: { id: userId } } }
            : { reason: { reason: 'unauthenticated' } },
        )
      }
      const open = api.services.db('sessions').where({ userId, status: 'active' })
      expect(await open).toEqual([])
    }
  })
})
