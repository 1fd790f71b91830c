/** The shells that there is a script for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** The name of a shell that there is a script for. */
export type ShellName = (typeof SHELLS)[number];

/**
 * What each shell runs to complete a command line. They know nothing of Loom but that it answers: each asks it with the
 * words so far, and takes one line for each candidate. Whatever goes wrong, they are silent; where Loom has no answer, they
 * complete files.
 */
export const COMPLETION_SCRIPTS: { readonly [S in ShellName]: string } = {
  bash: `# Completes loom in bash. For every shell, put this line into ~/.bashrc:
#   eval "$(loom completion bash)"
_loom() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(loom __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null </dev/null)
}
complete -o bashdefault -o default -F _loom loom
`,
  zsh: `#compdef loom
# Completes loom in zsh. For every shell, put this line into ~/.zshrc:
#   eval "$(loom completion zsh)"
_loom() {
  local line
  local -a lines candidates
  lines=("\${(@f)$(loom __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null </dev/null)}")
  for line in "\${(@)lines}"; do
    [[ -n $line ]] && candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( $#candidates )); then
    _describe -V loom candidates
  else
    _files
  fi
}
if [[ $funcstack[1] == _loom ]]; then
  _loom "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i; }
  compdef _loom loom
fi
`,
  fish: `# Completes loom in fish. For every shell, write this to ~/.config/fish/completions/loom.fish:
#   loom completion fish > ~/.config/fish/completions/loom.fish
function __loom_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (loom __complete -- $words[2..-1] "$current" 2>/dev/null </dev/null)
    if test (count $lines) -gt 0
        printf '%s\\n' $lines
    else
        __fish_complete_path "$current"
    end
end
complete --command loom --no-files --keep-order --arguments '(__loom_complete)'
`,
};
