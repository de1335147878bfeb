import { DomainError } from '@mgx/contract'

/** Returns the error for every credential that is not, or no longer, valid. */
export function unauthenticated(): DomainError {
  return new DomainError('unauthenticated', 'a valid credential is required: Authorization: Bearer …')
}
