/** One configuration entry. */
export interface ConfigEntry {
  /** `local` and `worktree` belong to the repository; others to the user, the machine or the call. */
  readonly scope: string;
  /** As git prints it, with section and name in lower case: `remote.Origin.url`. */
  readonly key: string;
  /** Absent for a key without a value, which means true. */
  readonly value?: string;
}

/** Keys about a repository's location, housekeeping, or programs to call, rather than its contents. */
const LEFT_OUT = [
  /^core\.(bare|worktree|repositoryformatversion|hookspath|fsmonitor|untrackedcache|splitindex|sharedrepository|alternaterefs\w+)$/,
  /^extensions\.(worktreeconfig|refstorage|relativeworktrees)$/,
  /^(gc|maintenance|index|include|includeif|trace2)\./,
  /^lfs\.storage$/,
];

/** Reads `git config --list --show-scope -z`: scope, NUL, key, newline, value, NUL. */
export function parseConfig(output: Buffer): ConfigEntry[] {
  const parts = output.toString("utf8").split("\0");
  const entries: ConfigEntry[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const scope = parts[i] ?? "";
    const entry = parts[i + 1] ?? "";
    const end = entry.indexOf("\n");
    entries.push(
      end === -1 ? { scope, key: entry } : { scope, key: entry.slice(0, end), value: entry.slice(end + 1) },
    );
  }
  return entries;
}

/** The effective value of a key, given in lower case. */
export function configValue(entries: readonly ConfigEntry[], key: string): string | undefined {
  const last = entries.findLast((entry) => entry.key === key);
  return last === undefined ? undefined : (last.value ?? "true");
}

/** Whether a boolean key is true. */
export function configFlag(entries: readonly ConfigEntry[], key: string): boolean {
  const value = configValue(entries, key)?.toLowerCase();
  return value !== undefined && !["", "false", "no", "off", "0"].includes(value);
}

/** Configured content filters, such as Git LFS, by name. */
export function filterNames(entries: readonly ConfigEntry[]): string[] {
  const names = entries.map(({ key }) => /^filter\.(.+)\.(clean|smudge|process)$/s.exec(key)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** Configuration that disables content filters. */
export function withoutFilters(names: readonly string[]): [key: string, value: string][] {
  return names.flatMap((name): [string, string][] => [
    ...(["clean", "smudge", "process"] as const).map((kind): [string, string] => [
      `filter.${name}.${kind}`,
      "",
    ]),
    [`filter.${name}.required`, "false"],
  ]);
}

/**
 * The configuration file of a snapshot.
 *
 * It has the repository's own entries (remotes, branches, filters, identity, line endings), without those about
 * the original's location and maintenance.
 *
 * @param top - The original's folder, to which relative remotes refer.
 */
export function snapshotConfig(entries: readonly ConfigEntry[], top: string): string {
  const own = entries.filter(({ scope, key }) => {
    return (scope === "local" || scope === "worktree") && !LEFT_OUT.some((pattern) => pattern.test(key));
  });
  const extended = own.some(({ key }) => key.startsWith("extensions."));
  const lines = own.map((entry) => {
    const relative = /^remote\..*\.(push)?url$/s.test(entry.key) && /^\.\.?\//.test(entry.value ?? "");
    return formatEntry(relative ? { ...entry, value: `${top}/${entry.value ?? ""}` } : entry);
  });
  const fixed = [
    ["core.repositoryformatversion", extended ? "1" : "0"],
    ["core.bare", "false"],
    ["core.fsmonitor", "false"],
    ["gc.auto", "0"],
    ["maintenance.auto", "false"],
  ] as const;
  return [...lines, ...fixed.map(([key, value]) => formatEntry({ scope: "local", key, value }))].join("");
}

function formatEntry({ key, value }: ConfigEntry): string {
  const first = key.indexOf(".");
  const last = key.lastIndexOf(".");
  const subsection = first === last ? "" : ` "${key.slice(first + 1, last).replaceAll(/["\\]/g, "\\$&")}"`;
  const name = key.slice(last + 1);
  const assigned = value === undefined ? name : `${name} = "${escapeValue(value)}"`;
  return `[${key.slice(0, first)}${subsection}]\n\t${assigned}\n`;
}

function escapeValue(value: string): string {
  return value.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}
