import type { RawPath } from "../raw-path.ts";
import { splitRecords } from "./split-records.ts";

/** A tracked path that differs from HEAD, from the index, or is in conflict. */
export interface ChangedPath {
  readonly path: RawPath;
  /** Of the work tree as git sees it, such as `100755`; `000000` when it is not there. */
  readonly mode: string;
  /** Whether the index differs from HEAD. */
  readonly isStaged: boolean;
  /** Whether the work tree differs from the index. */
  readonly isUnstaged: boolean;
}

/** What `git status` says of a checkout. */
export interface CheckoutStatus {
  /** Absent before the first commit. */
  readonly headSha?: string;
  /** Absent when HEAD is detached. */
  readonly branch?: string;
  /** In the order of git. */
  readonly changed: readonly ChangedPath[];
  /** Neither tracked nor ignored, in the order of git. */
  readonly untracked: readonly RawPath[];
  /** Repositories inside this one that are not submodules of it. */
  readonly nested: readonly RawPath[];
}

/** How many fields stand before the path of an entry, and where the mode of the work tree is among them. */
const ENTRIES: Readonly<Record<string, { readonly fields: number; readonly mode: number }>> = {
  "1": { fields: 8, mode: 5 },
  u: { fields: 10, mode: 6 },
};

/**
 * Reads `git status --porcelain=v2 --branch --no-renames -z`.
 *
 * @throws On an entry of a kind it does not know: without renames there is none.
 */
export function parseStatus(output: Buffer): CheckoutStatus {
  const changed: ChangedPath[] = [];
  const untracked: RawPath[] = [];
  const nested: RawPath[] = [];
  let headSha: string | undefined;
  let branch: string | undefined;
  for (const record of splitRecords(output)) {
    const kind = record[0] ?? "";
    const entry = ENTRIES[kind];
    if (entry !== undefined) {
      const parts = record.split(" ");
      changed.push({
        path: parts.slice(entry.fields).join(" ") as RawPath,
        mode: parts[entry.mode] ?? "000000",
        isStaged: parts[1]?.[0] !== ".",
        isUnstaged: parts[1]?.[1] !== ".",
      });
    } else if (kind === "?") {
      const path = record.slice(2);
      if (path.endsWith("/")) nested.push(path.slice(0, -1) as RawPath);
      else untracked.push(path as RawPath);
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
    ...(branch !== undefined && { branch: Buffer.from(branch, "latin1").toString("utf8") }),
    changed,
    untracked,
    nested,
  };
}

function given(value: string, absent: string): string | undefined {
  return value === absent ? undefined : value;
}
