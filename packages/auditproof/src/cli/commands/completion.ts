import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { bashScript } from '../completion/bash.ts'
import { fishScript } from '../completion/fish.ts'
import { completable } from '../completion/words.ts'
import { zshScript } from '../completion/zsh.ts'
import { parseChoice } from '../flag-values.ts'

const shells = ['bash', 'zsh', 'fish'] as const

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript }

/** Where each shell looks for it by itself. */
const places = {
  bash: '~/.local/share/bash-completion/completions/auditproof',
  zsh: '"${fpath[1]}/_auditproof"',
  fish: '~/.config/fish/completions/auditproof.fish',
}

const examples = `Examples:
  auditproof completion bash > ${places.bash}
  auditproof completion zsh > ${places.zsh}
  auditproof completion fish > ${places.fish}
`

const notes = `
In bash without the package bash-completion, write to ~/.bashrc: eval "$(auditproof completion bash)"
The script is text that does not change until the next version; open a new shell after installing it.`

export function define(command: Command, cli: Cli): void {
  command
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('before', examples)
    .addHelpText('after', notes)
    .action(async (text: string) => {
      const shell = parseChoice('completion', text, shells)
      await cli.io.write(scripts[shell](completable(await cli.wholeProgram())))
      if (cli.io.columns === undefined) return
      cli.io.note(`To install it: auditproof completion ${shell} > ${places[shell]}`)
      cli.io.note('  → then open a new shell')
    })
}
