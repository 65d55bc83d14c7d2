import { valuedNames, type Completable, type CompletableCommand, type CompletableOption, type Value } from './words.ts'
import { fishQuoted } from './quote.ts'

export function fishScript({ commands, options }: Completable): string {
  const lines = [
    ...options.map((option) => optionLine('', option)),
    ...commands.map(
      ({ name, summary }) =>
        `complete -c auditproof -n "__auditproof_at '' 0" -a ${fishQuoted(name)} -d ${fishQuoted(summary)}`,
    ),
    ...commands.flatMap((command) => [
      ...command.options.map((option) => optionLine(command.name, option)),
      ...placeLines(command),
    ]),
  ]
  return `# fish completion of auditproof
# Whether the command is this one, and the caret at this argument of it.
function __auditproof_at
    set -l command ''
    set -l place 0
    set -l skips no
    for word in (commandline -opc)[2..-1]
        if test $skips = yes
            set skips no
            continue
        end
        switch $word
            case ${valuedNames([{ options }, ...commands])
              .map(fishQuoted)
              .join(' ')}
                set skips yes
            case '-*'
            case '*'
                if test -z "$command"
                    set command $word
                else
                    set place (math $place + 1)
                end
        end
    end
    test "$command" = "$argv[1]"; or return 1
    test (count $argv) -eq 1; and return 0
    test $place -eq $argv[2]; or test "$argv[3]" = on -a $place -gt $argv[2]
end
complete -c auditproof -f
${lines.join('\n')}
`
}

const optionLine = (command: string, { names, summary, value }: CompletableOption): string =>
  [
    `complete -c auditproof -n "__auditproof_at ${fishQuoted(command)}"`,
    ...names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)),
    `-d ${fishQuoted(summary)}`,
    ...(value === undefined ? [] : [`-r ${offer(value)}`]),
  ].join(' ')

const placeLines = ({ name, places, repeatsLast }: CompletableCommand): string[] =>
  places.map((value, i) => {
    const on = repeatsLast && i === places.length - 1 ? ' on' : ''
    return `complete -c auditproof -n "__auditproof_at ${fishQuoted(name)} ${i}${on}" ${offer(value)}`
  })

function offer(value: Value): string {
  if (value.kind === 'words') return `-f -a ${fishQuoted(value.words.join(' '))}`
  if (value.kind === 'text') return '-f'
  return value.kind === 'folders' ? "-f -a '(__fish_complete_directories (commandline -ct))'" : '-F'
}
