/** The kinds of sources: how bytes become records, and records become events. One line a kind. */
import { AuditError } from '../errors.ts'
import { nearest } from '../query/nearest.ts'
import { splitCloudTrail, type Piece } from './cloudtrail-file.ts'
import { cloudTrailProblem, mapCloudTrail } from './cloudtrail.ts'
import { readCsv } from './csv.ts'
import type { Fields } from './fields.ts'
import { commitProblem, mapCommit } from './git-commit.ts'
import { githubProblem, mapGithub } from './github.ts'
import { googleWorkspaceProblem, mapGoogleWorkspace } from './google-workspace.ts'
import { k8sProblem, mapK8s } from './k8s.ts'
import { splitLines } from './lines.ts'
import type { Mapped } from './mapped.ts'
import type { Mapping } from './mapping.ts'
import { mapNdjson, ndjsonProblem } from './ndjson.ts'
import { mapOkta, oktaProblem } from './okta.ts'
import { parseRecord, type MalformedLine, type RawRecord } from './records.ts'
import { mapWindows, windowsProblem } from './windows.ts'

export const importKinds = [
  'cloudtrail',
  'csv',
  'git',
  'github',
  'google-workspace',
  'k8s',
  'ndjson',
  'okta',
  'windows',
] as const
export type ImportKind = (typeof importKinds)[number]

export interface Kind {
  /** What its ids are derived with; never changes, or every import would come in a second time. */
  identity: string
  /** `origin.source` of its events. */
  source: string
  /** Which files of a folder are read. */
  fileName: RegExp
  /** @param source its name, for messages */
  read(chunks: AsyncIterable<Uint8Array>, source: string): AsyncIterable<RawRecord | MalformedLine>
  /** Why a record is not of this kind; undefined when it is. */
  problem(record: Fields): string | undefined
  /** The events of a record, at least one. */
  map(record: Fields): Mapped[]
}

/** @throws AuditError `usage` */
export function openKind(kind: ImportKind, mapping: Mapping | undefined): Kind {
  if (!importKinds.includes(kind)) {
    const meant = nearest(kind, importKinds)
    throw new AuditError('usage', `There is no import of ${JSON.stringify(kind)}.`, {
      hint: `${meant === undefined ? 'known' : `did you mean ${meant}? Known`}: ${importKinds.join(', ')}`,
    })
  }
  if (mapping !== undefined) return mappedKind(kind, mapping)
  if (kind !== 'csv') return kinds[kind]
  throw new AuditError('usage', 'CSV says nothing of what its columns mean.', {
    hint: 'say it in a mapping file: --map FILE',
  })
}

const jsonFile = /\.(?:json|ndjson|jsonl|log)(?:\.gz)?$/i
const csvFile = /\.(?:csv|tsv|txt)(?:\.gz)?$/i

type Problem = Kind['problem']
type Split = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Piece>

function builtIn(
  kind: ImportKind,
  problem: Problem,
  map: (record: Fields) => Mapped | Mapped[],
  split: Split = splitLines,
): Kind {
  return {
    identity: kind,
    source: kind,
    fileName: jsonFile,
    read: (chunks) => parseRecords(split(chunks)),
    problem,
    map: (record) => [map(record)].flat(),
  }
}

const kinds: { readonly [kind in Exclude<ImportKind, 'csv'>]: Kind } = {
  cloudtrail: builtIn('cloudtrail', cloudTrailProblem, mapCloudTrail, splitCloudTrail),
  git: builtIn('git', commitProblem, mapCommit),
  github: builtIn('github', githubProblem, mapGithub),
  'google-workspace': builtIn('google-workspace', googleWorkspaceProblem, mapGoogleWorkspace),
  k8s: builtIn('k8s', k8sProblem, mapK8s),
  ndjson: builtIn('ndjson', ndjsonProblem, mapNdjson),
  okta: builtIn('okta', oktaProblem, mapOkta),
  windows: builtIn('windows', windowsProblem, mapWindows),
}

function mappedKind(kind: ImportKind, mapping: Mapping): Kind {
  if (kind !== mapping.format)
    throw new AuditError('usage', `import ${kind} has a mapping of its own.`, {
      hint: 'leave --map out, or import ndjson or csv with it',
    })
  const { format, source, separator, columns } = mapping
  return {
    // No built-in kind begins like this, so a mapping called okta shares no id with the import of Okta.
    identity: `map:${source}`,
    source,
    fileName: format === 'csv' ? csvFile : jsonFile,
    read: (chunks, name) =>
      format === 'csv' ? readCsv(chunks, { separator, columns, source: name }) : parseRecords(splitLines(chunks)),
    problem: () => undefined,
    map: (record) => [mapping.map(record)],
  }
}

async function* parseRecords(pieces: AsyncIterable<Piece>): AsyncGenerator<RawRecord | MalformedLine> {
  for await (const piece of pieces) yield parseRecord(piece)
}
