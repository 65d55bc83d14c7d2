/** What an AWS call was made on: the ARNs of `resources`, else the names and ids among `requestParameters`. */
import type { Reference } from '../event/event.ts'
import type { Json } from '../event/json.ts'
import { limits } from '../event/limits.ts'
import type { Fields } from './fields.ts'
import { textOf } from './foreign.ts'

/** @param service the type where nothing more exact is said: `s3` */
export function cloudTrailTargets(record: Fields, service: string): Reference[] {
  const resources = record.objects('resources').flatMap((resource) => resourceOf(resource, service))
  const targets = resources.length > 0 ? resources : thingsNamed(record.object('requestParameters'), service)
  const seen = new Set<string>()
  const distinct = targets.filter(({ type, id }) => {
    const key = JSON.stringify([type, id])
    return !seen.has(key) && seen.add(key)
  })
  return distinct.slice(0, limits.targetsMax)
}

function resourceOf(resource: Fields, service: string): Reference[] {
  const id = resource.text('ARN') ?? resource.text('ARNPrefix')
  if (id === undefined) return []
  // arn:partition:service:region:account:resource
  return [{ type: resource.text('type') ?? (id.split(':')[2] || service), id }]
}

// `bucketName`, `instanceId`, `policyArn`, `dBInstanceIdentifier`, also in the plural.
const namingKey = /^(.*?)(?:Name|Id|ID|Arn|ARN|Identifier)s?$/
const bareKey = /^(?:name|id|arn|ARN|identifier)s?$/

// They end like the name of a thing and name none.
const notThings = new Set(['roleSessionName', 'requestId', 'clientRequestId', 'attributeName', 'associationId'])

function thingsNamed(parameters: Fields, service: string): Reference[] {
  return parameters.names().flatMap((name) => {
    // EC2 says { instancesSet: { items: [{ instanceId }] } }.
    const items = name.endsWith('Set') && name !== 'filterSet' ? parameters.object(name).objects('items') : []
    return items.length > 0 ? items.flatMap((item) => directThings(item, service)) : thing(parameters, name, service)
  })
}

const directThings = (item: Fields, service: string): Reference[] =>
  item.names().flatMap((name) => thing(item, name, service))

function thing(parameters: Fields, name: string, service: string): Reference[] {
  const type = typeNamedBy(name, service)
  if (type === undefined) return []
  const text = parameters.text(name)
  return text === undefined ? parameters.list(name).flatMap((one) => reference(type, one)) : reference(type, text)
}

function reference(type: string, value: Json): Reference[] {
  const id = typeof value === 'boolean' ? undefined : textOf(value)
  return id === undefined ? [] : [{ type, id }]
}

function typeNamedBy(key: string, service: string): string | undefined {
  if (notThings.has(key)) return undefined
  if (key === 'bucket') return key
  if (bareKey.test(key)) return service
  const type = namingKey.exec(key)?.[1]
  return type === undefined ? undefined : type === '' ? service : `${type[0]!.toLowerCase()}${type.slice(1)}`
}
