/** What an AWS call was made on: the ARNs of `resources`, else the names and ids among `requestParameters`. */
import type { Reference } from '../event/event.ts'
import type { Json, JsonObject } from '../event/json.ts'
import { limits } from '../event/limits.ts'
import { listOf, member, objectOf, textOf } from './foreign.ts'

/** @param service the type where nothing more exact is said: `s3` */
export function cloudTrailTargets(record: JsonObject, service: string): Reference[] {
  const resources = listOf(member(record, 'resources')).flatMap((resource) => resourceOf(objectOf(resource), service))
  const targets = resources.length > 0 ? resources : thingsNamed(objectOf(member(record, 'requestParameters')), service)
  const seen = new Set<string>()
  const distinct = targets.filter(({ type, id }) => {
    const key = JSON.stringify([type, id])
    return !seen.has(key) && seen.add(key)
  })
  return distinct.slice(0, limits.targetsMax)
}

function resourceOf(resource: JsonObject, service: string): Reference[] {
  const id = textOf(member(resource, 'ARN')) ?? textOf(member(resource, 'ARNPrefix'))
  if (id === undefined) return []
  // arn:partition:service:region:account:resource
  return [{ type: textOf(member(resource, 'type')) ?? (id.split(':')[2] || service), id }]
}

// `bucketName`, `instanceId`, `policyArn`, `dBInstanceIdentifier`, also in the plural.
const namingKey = /^(.*?)(?:Name|Id|ID|Arn|ARN|Identifier)s?$/
const bareKey = /^(?:name|id|arn|ARN|identifier)s?$/

// They end like the name of a thing and name none.
const notThings = new Set(['roleSessionName', 'requestId', 'clientRequestId', 'attributeName', 'associationId'])

function thingsNamed(parameters: JsonObject, service: string): Reference[] {
  return Object.entries(parameters).flatMap(([key, value]) => {
    // EC2 says { instancesSet: { items: [{ instanceId }] } }.
    const items = key.endsWith('Set') ? listOf(member(objectOf(value), 'items')) : []
    if (items.length > 0)
      return key === 'filterSet' ? [] : items.flatMap((item) => directThings(objectOf(item), service))
    return thing(key, value, service)
  })
}

const directThings = (item: JsonObject, service: string): Reference[] =>
  Object.entries(item).flatMap(([key, value]) => thing(key, value, service))

function thing(key: string, value: Json, service: string): Reference[] {
  const type = typeNamedBy(key, service)
  if (type === undefined) return []
  return (Array.isArray(value) ? value : [value]).flatMap((one) => {
    const id = typeof one === 'boolean' ? undefined : textOf(one)
    return id === undefined ? [] : [{ type, id }]
  })
}

function typeNamedBy(key: string, service: string): string | undefined {
  if (notThings.has(key)) return undefined
  if (key === 'bucket') return key
  if (bareKey.test(key)) return service
  const type = namingKey.exec(key)?.[1]
  return type === undefined ? undefined : type === '' ? service : `${type[0]!.toLowerCase()}${type.slice(1)}`
}
