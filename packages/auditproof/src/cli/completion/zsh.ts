import { valuedNames, type Completable, type CompletableOption, type Value } from './words.ts'
import { shellQuoted } from './quote.ts'

/** Works both as a file `_auditproof` in `fpath` and through `source`. */
export function zshScript({ commands, options }: Completable): string {
  const contexts = [{ name: '', options }, ...commands]
  const valueCases = contexts.flatMap(({ name, options }) => options.flatMap((option) => valueCase(name, option)))
  const optionCases = contexts.map(({ name, options }) => {
    const offered = options.flatMap(({ names, summary }) => names.map((one) => described(one, summary)))
    return `      (${shellQuoted(name)}) offered=(${offered.join(' ')}) ;;`
  })
  const placeCases = commands.flatMap(({ name, places, repeatsLast }) =>
    places.map((value, i) => {
      const place = repeatsLast && i === places.length - 1 ? '*' : i
      return `    (${shellQuoted(`${name} `)}${place}) ${offer(value)} ;;`
    }),
  )
  return `#compdef auditproof
_auditproof() {
  local command='' previous=\${words[CURRENT-1]} current=\${words[CURRENT]}
  local -i place=0 i
  local -a offered
  if [[ $current == --*=* ]]; then
    previous=\${current%%=*}
    compset -P '*='
  fi
  for ((i = 2; i < CURRENT; i++)); do
    case \${words[i]} in
      (${valuedNames(contexts).map(shellQuoted).join('|')}) ((i++)) ;;
      (-*) ;;
      (*) if [[ -z $command ]]; then command=\${words[i]}; else ((place++)); fi ;;
    esac
  done
  case "$command $previous" in
${valueCases.join('\n')}
  esac
  if [[ $current == -* ]]; then
    case $command in
${optionCases.join('\n')}
    esac
    _describe -o option offered
    return
  fi
  case "$command $place" in
    (' 0')
      offered=(${commands.map(({ name, summary }) => described(name, summary)).join(' ')})
      _describe command offered ;;
${placeCases.join('\n')}
  esac
}
if [[ $funcstack[1] == _auditproof ]]; then _auditproof "$@"; else compdef _auditproof auditproof; fi
`
}

const valueCase = (command: string, { names, value }: CompletableOption): string[] =>
  value === undefined
    ? []
    : [`    (${names.map((name) => shellQuoted(`${command} ${name}`)).join('|')}) ${offer(value)}; return ;;`]

/** `_describe` takes what stands before the first colon for the word. */
const described = (word: string, summary: string): string => shellQuoted(`${word}:${summary}`)

function offer(value: Value): string {
  if (value.kind === 'words') return `compadd -- ${value.words.map(shellQuoted).join(' ')}`
  if (value.kind === 'text') return ':'
  return value.kind === 'folders' ? '_files -/' : '_files'
}
