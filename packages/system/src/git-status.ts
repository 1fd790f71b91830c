/** A tracked path that differs from HEAD, from the index, or is in conflict. */
export interface GitChange {
  readonly path: string;
  /** Of the work tree as git sees it, such as `100755`; `000000` when it is not there. */
  readonly mode: string;
  /** Whether the index differs from HEAD. */
  readonly isStaged: boolean;
  /** Whether the work tree differs from the index. */
  readonly isUnstaged: boolean;
}

/** What `git status` says of a checkout. */
export interface GitStatus {
  /** Absent before the first commit. */
  readonly headSha?: string;
  /** Absent when HEAD is detached. */
  readonly branch?: string;
  /** In the order of git. */
  readonly changed: readonly GitChange[];
  /** Neither tracked nor ignored, in the order of git. */
  readonly untracked: readonly string[];
  /** Repositories inside this one that are not submodules of it. */
  readonly nested: readonly string[];
}

/** How many fields precede the path of an entry, and which of them is the mode in the work tree. */
const ENTRIES: Readonly<Record<string, { readonly fields: number; readonly mode: number }>> = {
  "1": { fields: 8, mode: 5 },
  // A rename; its old path is a separate record.
  "2": { fields: 9, mode: 5 },
  u: { fields: 10, mode: 6 },
};

/**
 * Reads `git status --porcelain=v2 --branch -z`.
 *
 * @param text - Decoded as the caller needs paths: by UTF-8 for people, one character a byte to open them.
 * @throws On an entry of a kind that version 2 does not have.
 */
export function parseGitStatus(text: string): GitStatus {
  const changed: GitChange[] = [];
  const untracked: string[] = [];
  const nested: string[] = [];
  let headSha: string | undefined;
  let branch: string | undefined;
  const records = splitGitRecords(text);
  for (let i = 0; i < records.length; i += 1) {
    const record = records[i] ?? "";
    const kind = record[0] ?? "";
    const entry = ENTRIES[kind];
    if (entry !== undefined) {
      const parts = record.split(" ");
      changed.push({
        path: parts.slice(entry.fields).join(" "),
        mode: parts[entry.mode] ?? "000000",
        isStaged: parts[1]?.[0] !== ".",
        isUnstaged: parts[1]?.[1] !== ".",
      });
      if (kind === "2") i += 1;
    } else if (kind === "?") {
      const path = record.slice(2);
      if (path.endsWith("/")) nested.push(path.slice(0, -1));
      else untracked.push(path);
    } else if (record.startsWith("# branch.oid ")) {
      headSha = given(record.slice("# branch.oid ".length), "(initial)");
    } else if (record.startsWith("# branch.head ")) {
      branch = given(record.slice("# branch.head ".length), "(detached)");
    } else if (kind !== "#" && kind !== "!") {
      throw new Error(`git status printed an entry of an unknown kind: ${JSON.stringify(record)}`);
    }
  }
  return {
    ...(headSha !== undefined && { headSha }),
    ...(branch !== undefined && { branch }),
    changed,
    untracked,
    nested,
  };
}

/** The NUL-terminated records of what git printed with `-z`. */
export function splitGitRecords(text: string): string[] {
  const records = text.split("\0");
  if (records.at(-1) === "") records.pop();
  return records;
}

function given(value: string, absent: string): string | undefined {
  return value === absent ? undefined : value;
}
