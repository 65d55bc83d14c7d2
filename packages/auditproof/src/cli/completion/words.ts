/** What can be completed: the commands, their options, and what may stand behind them, from commander's tree. */
import type { Argument, Command, Option } from 'commander'

export interface Completable {
  readonly commands: readonly CompletableCommand[]
  /** Those that stand before a command. */
  readonly options: readonly CompletableOption[]
}

export interface CompletableCommand {
  readonly name: string
  readonly summary: string
  readonly options: readonly CompletableOption[]
  /** What its arguments may be; the last one goes for all that follow when it says so. */
  readonly places: readonly Value[]
  readonly repeatsLast: boolean
}

export interface CompletableOption {
  /** `-o`, `--output` */
  readonly names: readonly string[]
  readonly summary: string
  /** Absent where none follows. */
  readonly value?: Value
  /** Whether one must follow. */
  readonly valued: boolean
}

export type Value =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' | 'folders' | 'text' }

/** @param root with every command defined */
export function completable(root: Command): Completable {
  const help = root.createHelp()
  return {
    options: help.visibleOptions(root).map(optionOf),
    commands: help.visibleCommands(root).map((command) => ({
      name: command.name(),
      summary: command.description(),
      options: [...help.visibleOptions(command), ...root.options.filter(({ long }) => long !== '--version')].map(
        optionOf,
      ),
      places: command.registeredArguments.map(valueOf),
      repeatsLast: command.registeredArguments.at(-1)?.variadic === true,
    })),
  }
}

function optionOf(option: Option): CompletableOption {
  const names = [option.short, option.long].filter((name) => name !== undefined)
  const valued = option.required
  return { names, summary: option.description, valued, ...((valued || option.optional) && { value: valueOf(option) }) }
}

/** The options whose next word is no command and no argument. */
export const valuedNames = (contexts: readonly { readonly options: readonly CompletableOption[] }[]): string[] => [
  ...new Set(contexts.flatMap(({ options }) => options.flatMap(({ names, valued }) => (valued ? names : [])))),
]

const folders = new Set(['dir'])
const files = new Set(['file', 'source', 'key', 'checkpoint'])
const choices = new Set(['format', 'outcome', 'kind', 'what', 'shell'])

/** By the name that stands in help for it: `<dir>`, `[file]`, `<format>`. */
function valueOf(given: Option | Argument): Value {
  const name = 'flags' in given ? (/[<[]([\w-]+)/.exec(given.flags)?.[1] ?? '') : given.name()
  if (folders.has(name)) return { kind: 'folders' }
  if (files.has(name)) return { kind: 'files' }
  const words = choices.has(name) ? wordsOf(given.description) : undefined
  return words === undefined ? { kind: 'text' } : { kind: 'words', words }
}

/** Where there are choices, help lists them and nothing else: `success (default), failure, denied or unknown`. */
function wordsOf(description: string): string[] | undefined {
  const listed = description.replaceAll(/ \([^)]*\)/g, '')
  return /^[\w-]+(?:, [\w-]+)*(?:,? or [\w-]+)?$/.test(listed) ? listed.split(/, (?:or )?| or /) : undefined
}
