/** A commit between the good and the bad one, and its parents among those. */
export interface Commit {
  /** Full name. */
  readonly sha: string;
  /** Full names; those outside the range are left out. */
  readonly parents: readonly string[];
}

/** What is known of a commit: whether the job passed on it, or that this cannot be told. */
export type TryVerdict = "good" | "bad" | "skipped";

/** Where a search stands. */
export type SearchStep =
  /** Try these, side by side; any of them narrows it down. */
  | { readonly kind: "try"; readonly shas: readonly string[]; readonly left: number }
  /** The first bad commit: its parents are good, or not in the range. */
  | { readonly kind: "found"; readonly sha: string }
  /** One of these; the others cannot be tried. */
  | { readonly kind: "undecided"; readonly shas: readonly string[] };

/**
 * Finds the commit that broke a job among those that a bad one has and a good
 * one does not.
 *
 * A commit that is good makes all that it has good; one that is bad leaves what
 * it has. With so many tries at a time, a round cuts a straight history of `n`
 * commits to `n / (slots + 1)`. Pure.
 *
 * @param commits - Children before their parents; the first is the bad one.
 * @param slots - How many can be tried at a time, 1 or more.
 */
export function nextStep(
  commits: readonly Commit[],
  verdicts: ReadonlyMap<string, TryVerdict>,
  slots: number,
): SearchStep {
  const left = suspects(commits, verdicts);
  const open = left.filter(({ sha }) => !verdicts.has(sha));
  const [bad] = left;
  if (bad === undefined) throw new Error("Cannot search a range without its bad commit");
  if (left.length === 1) return { kind: "found", sha: bad.sha };
  if (open.length === 0) return { kind: "undecided", shas: left.map(({ sha }) => sha) };
  return { kind: "try", shas: evenly(left, open, slots), left: left.length };
}

/** The commits that may be the first bad one, in their order: what the last bad one has, without what a good one has. */
export function suspects(
  commits: readonly Commit[],
  verdicts: ReadonlyMap<string, TryVerdict>,
): readonly Commit[] {
  const byName = new Map(commits.map((commit) => [commit.sha, commit]));
  const good = new Set<string>();
  for (const { sha } of commits) if (verdicts.get(sha) === "good") addAncestors(sha, byName, good);
  let left = commits.filter(({ sha }) => !good.has(sha));
  // Children come first: each bad commit leaves only what it has of what is left.
  for (const { sha } of left) {
    if (verdicts.get(sha) !== "bad" || !left.some((commit) => commit.sha === sha)) continue;
    const own = new Set<string>();
    addAncestors(sha, byName, own);
    left = left.filter((commit) => own.has(commit.sha));
  }
  return left;
}

/** Adds a commit and all that it has. */
function addAncestors(from: string, byName: ReadonlyMap<string, Commit>, to: Set<string>): void {
  const open = [from];
  for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
    if (to.has(sha)) continue;
    to.add(sha);
    for (const parent of byName.get(sha)?.parents ?? []) if (byName.has(parent)) open.push(parent);
  }
}

/** Those that leave parts of the same size, whatever comes of them. */
function evenly(left: readonly Commit[], open: readonly Commit[], slots: number): readonly string[] {
  const weights = weightsOf(left);
  const weightOf = ({ sha }: Commit): number => weights.get(sha) ?? 0;
  const chosen = new Set<string>();
  for (let part = 1; part <= Math.min(slots, open.length); part += 1) {
    const wanted = (left.length * part) / (slots + 1);
    const free = open.filter(({ sha }) => !chosen.has(sha));
    const nearest = free.reduce((best, each) =>
      Math.abs(weightOf(each) - wanted) < Math.abs(weightOf(best) - wanted) ? each : best,
    );
    chosen.add(nearest.sha);
  }
  return [...chosen];
}

/** How many of the commits each has, itself included. */
function weightsOf(commits: readonly Commit[]): ReadonlyMap<string, number> {
  const byName = new Map(commits.map((commit) => [commit.sha, commit]));
  const weights = new Map<string, number>();
  for (const { sha, parents } of commits.toReversed()) {
    const inside = parents.filter((parent) => byName.has(parent));
    const [only] = inside;
    if (inside.length < 2) {
      weights.set(sha, (only === undefined ? 0 : (weights.get(only) ?? 0)) + 1);
      continue;
    }
    // Behind a merge what both sides have counts once.
    const all = new Set<string>();
    addAncestors(sha, byName, all);
    weights.set(sha, all.size);
  }
  return weights;
}
