/**
 * Who made an AWS call, from `userIdentity`: its ARN, else user name, principal, or the service that called; four of
 * five records of a busy account have neither ARN nor user name.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
import type { ActorInput } from '../event/event.ts'
import type { Fields } from './fields.ts'
import { present } from './foreign.ts'

/** Undefined where the record names nobody. */
export function cloudTrailActor(record: Fields): ActorInput | undefined {
  const identity = record.object('userIdentity')
  const text = (name: string): string | undefined => identity.text(name)
  const issuer = identity.object('sessionContext').object('sessionIssuer')
  const issuerIsRole = issuer.text('type') === 'Role'
  const invokedBy = text('invokedBy')
  const own = text('arn') ?? text('userName') ?? text('principalId')
  // S3 calls without credentials.
  if (own === undefined && text('accountId')?.toLowerCase() === 'anonymous') return { type: 'anonymous' }
  const id = own ?? invokedBy ?? text('accountId')
  if (id === undefined) return undefined
  const isService = text('type') === 'AWSService' || (own === undefined && invokedBy !== undefined)
  const accessKey = text('accessKeyId')
  return present({
    type: isService ? ('service' as const) : ('user' as const),
    id,
    name: text('userName') ?? sessionName(identity) ?? (text('type') === 'Root' ? 'root' : undefined),
    // A role's session acts as the role. Where a user issued the session, he is the one behind it.
    roles: issuerIsRole ? roleNames(issuer) : undefined,
    onBehalfOf: issuerIsRole ? undefined : issuerUser(issuer),
    // A service that passes a user's call on (KMS for Secrets Manager): the user acts, the service is the way.
    via: invokedBy !== undefined && invokedBy !== id ? invokedBy : cameByConsole(record) ? 'console' : undefined,
    sessionId: text('type') === 'AssumedRole' ? text('principalId') : undefined,
    credential: accessKey === undefined ? undefined : { type: 'access-key', id: accessKey },
  })
}

/** The name a role's session was given: behind the colon of `AROA…:alice`, the last part of the ARN. */
function sessionName(identity: Fields): string | undefined {
  if (identity.text('type') !== 'AssumedRole') return undefined
  const principal = identity.text('principalId')
  const colon = principal?.indexOf(':') ?? -1
  if (principal !== undefined && colon !== -1 && colon + 1 < principal.length) return principal.slice(colon + 1)
  const arn = identity.text('arn')
  return arn?.includes('/') === true ? arn.slice(arn.lastIndexOf('/') + 1) || undefined : undefined
}

function roleNames(issuer: Fields): string[] | undefined {
  const name = issuer.text('userName') ?? issuer.text('arn')
  return name === undefined ? undefined : [name]
}

function issuerUser(issuer: Fields): ActorInput | undefined {
  const name = issuer.text('userName')
  const id = issuer.text('arn') ?? name ?? issuer.text('principalId')
  return id === undefined ? undefined : present({ type: 'user' as const, id, name })
}

const cameByConsole = (record: Fields): boolean =>
  record.text('sessionCredentialFromConsole') === 'true' || record.text('eventType') === 'AwsConsoleSignIn'
