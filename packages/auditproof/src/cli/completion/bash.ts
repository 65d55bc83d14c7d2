import { valuedNames, type Completable, type CompletableOption, type Value } from './words.ts'
import { shellQuoted } from './quote.ts'

/** For bash from 3.2 on, which macOS has; without the package bash-completion. */
export function bashScript({ commands, options }: Completable): string {
  const contexts = [{ name: '', options }, ...commands]
  const valueCases = contexts.flatMap(({ name, options }) => options.flatMap((option) => valueCase(name, option)))
  const optionCases = contexts.map(
    ({ name, options }) => `      ${shellQuoted(name)}) ${words(options.flatMap(({ names }) => names))} ;;`,
  )
  const placeCases = commands.flatMap(({ name, places, repeatsLast }) =>
    places.map((value, i) => {
      const place = repeatsLast && i === places.length - 1 ? '*' : i
      return `    ${shellQuoted(`${name} `)}${place}) ${offer(value)} ;;`
    }),
  )
  return `# bash completion of auditproof
_auditproof_words() { COMPREPLY=($(compgen -W "$1" -- "$2")); }
_auditproof_paths() {
  local path
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$2")
  compopt -o filenames 2>/dev/null
}
_auditproof() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command='' place=0 i
  COMPREPLY=()
  # --output=json comes as three words.
  if [[ $current == '=' ]]; then current=''
  elif [[ $previous == '=' ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${valuedNames(contexts).map(shellQuoted).join('|')})
        ((i++)); [[ \${COMP_WORDS[i]} == '=' ]] && ((i++)) ;;
      -*) ;;
      *) if [[ -z $command ]]; then command=\${COMP_WORDS[i]}; else ((place++)); fi ;;
    esac
  done
  case "$command $previous" in
${valueCases.join('\n')}
  esac
  if [[ $current == -* ]]; then
    case $command in
${optionCases.join('\n')}
    esac
    return
  fi
  case "$command $place" in
    ' 0') ${words(commands.map(({ name }) => name))} ;;
${placeCases.join('\n')}
  esac
}
complete -F _auditproof auditproof
`
}

const valueCase = (command: string, { names, value }: CompletableOption): string[] =>
  value === undefined
    ? []
    : [`    ${names.map((name) => shellQuoted(`${command} ${name}`)).join('|')}) ${offer(value)}; return ;;`]

const words = (all: readonly string[]): string => `_auditproof_words ${shellQuoted(all.join(' '))} "$current"`

function offer(value: Value): string {
  if (value.kind === 'words') return words(value.words)
  if (value.kind === 'text') return ':'
  return `_auditproof_paths ${value.kind === 'folders' ? '-d' : '-f'} "$current"`
}
