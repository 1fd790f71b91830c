/**
 * Sends a signal to every process of a container but the first and the sender's own.
 *
 * Source: kill(2), `pid` -1: all that may be signalled, but process 1 and, on Linux, the caller.
 */
export function signalAllScript(signal: "TERM" | "KILL"): string {
  return `kill -s ${signal} -1`;
}

/**
 * Lists the processes of a container but the first and the lister's own: number, tab, command. Ended ones that nobody has
 * waited for are left out. Without `tr` in the image, a command is the program's name.
 */
export const LIST_SCRIPT = `
for folder in /proc/[0-9]*; do
  pid=\${folder#/proc/}
  [ "$pid" = 1 ] && continue
  [ "$pid" = $$ ] && continue
  state= parent=
  while IFS=':	 ' read -r key value rest; do
    case $key in State) state=$value;; PPid) parent=$value; break;; esac
  done < "$folder/status" || continue
  [ "$state" = Z ] && continue
  [ "$parent" = $$ ] && continue
  command=$(tr '\\0' ' ' < "$folder/cmdline") || read -r command < "$folder/comm" || continue
  printf '%s\\t%s\\n' "$pid" "\${command% }"
done 2>/dev/null
exit 0
`;

/**
 * Prints how many processes of its container the system has killed for want of memory, where the system counts them.
 *
 * Source: the kernel's documentation of cgroups, `memory.events` of version 2 and `memory.oom_control` of version 1.
 */
export const OUT_OF_MEMORY_SCRIPT = `
for file in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
  [ -r "$file" ] || continue
  while read -r key count rest; do
    [ "$key" = oom_kill ] && echo "$count"
  done < "$file"
done
exit 0
`;

/** Reads what `LIST_SCRIPT` printed. */
export function readList(text: string): { readonly pid: number; readonly command: string }[] {
  return text
    .split("\n")
    .map((line) => /^(\d+)\t(.*)$/u.exec(line))
    .flatMap((match) => (match === null ? [] : [{ pid: Number(match[1]), command: match[2] ?? "" }]));
}
