import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextStep, type Commit, type SearchStep, type TryVerdict } from "./search.ts";

/** A straight history, the newest first: `c60` has all others. */
function straight(count: number): readonly Commit[] {
  return Array.from({ length: count }, (_, index) => ({
    sha: `c${count - index}`,
    parents: index === count - 1 ? [] : [`c${count - index - 1}`],
  }));
}

/** A random history in which every commit but the first has one or two parents among those before it. */
const histories = fc
  .array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { minLength: 1, maxLength: 40 })
  .map((draws) => {
    const oldestFirst = draws.map(([first, second, isMerge], index): Commit => {
      if (index === 0) return { sha: "c0", parents: [] };
      const parents = [`c${first % index}`, ...(isMerge ? [`c${second % index}`] : [])];
      return { sha: `c${index}`, parents: [...new Set(parents)] };
    });
    return withoutStrangers(oldestFirst.toReversed());
  });

/** Only what the newest commit has: as git lists a range. */
function withoutStrangers(commits: readonly Commit[]): readonly Commit[] {
  const own = ancestors(commits, commits[0]?.sha ?? "");
  return commits.filter(({ sha }) => own.has(sha));
}

function ancestors(commits: readonly Commit[], of: string): Set<string> {
  const byName = new Map(commits.map((commit) => [commit.sha, commit]));
  const found = new Set<string>();
  const open = [of];
  for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
    if (found.has(sha)) continue;
    found.add(sha);
    open.push(...(byName.get(sha)?.parents ?? []));
  }
  return found;
}

/** Searches to the end, and counts rounds and tries. */
function search(
  commits: readonly Commit[],
  verdictOf: (sha: string) => TryVerdict,
  slots: number,
): { readonly end: SearchStep; readonly rounds: number; readonly tries: number } {
  const verdicts = new Map<string, TryVerdict>([[commits[0]?.sha ?? "", "bad"]]);
  for (let rounds = 0; ; rounds += 1) {
    const step = nextStep(commits, verdicts, slots);
    if (step.kind !== "try") return { end: step, rounds, tries: verdicts.size - 1 };
    expect(step.shas.length).toBeGreaterThan(0);
    for (const sha of step.shas) {
      expect(verdicts.has(sha)).toBe(false);
      verdicts.set(sha, verdictOf(sha));
    }
  }
}

describe("nextStep()", () => {
  test.each([
    [1, 6],
    [2, 8],
    [4, 12],
  ])("finds any of 60 commits in a straight line with %i slots in %i tries", (slots, most) => {
    const commits = straight(60);
    for (let broken = 1; broken <= 60; broken += 1) {
      const isBad = (sha: string): boolean => Number(sha.slice(1)) >= broken;
      const { end, tries } = search(commits, (sha) => (isBad(sha) ? "bad" : "good"), slots);
      expect(end).toEqual({ kind: "found", sha: `c${broken}` });
      expect(tries).toBeLessThanOrEqual(most);
    }
  });

  test("finds the commit from which on all are bad, in any history and with any slots", () => {
    fc.assert(
      fc.property(histories, fc.nat(), fc.integer({ min: 1, max: 5 }), (commits, draw, slots) => {
        const broken = commits[draw % commits.length]?.sha ?? "";
        const isBad = (sha: string): boolean => ancestors(commits, sha).has(broken);
        const { end } = search(commits, (sha) => (isBad(sha) ? "bad" : "good"), slots);
        expect(end).toEqual({ kind: "found", sha: broken });
      }),
    );
  });

  test("never accuses another one when some cannot be tried, and names all that it may be", () => {
    fc.assert(
      fc.property(
        histories,
        fc.nat(),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
        (commits, draw, slots, isSkipped) => {
          const broken = commits[draw % commits.length]?.sha ?? "";
          const isBad = (sha: string): boolean => ancestors(commits, sha).has(broken);
          const verdictOf = (sha: string): TryVerdict => {
            if (isSkipped[Number(sha.slice(1))] === true) return "skipped";
            return isBad(sha) ? "bad" : "good";
          };
          const { end } = search(commits, verdictOf, slots);
          expect(end.kind === "found" ? [end.sha] : end.kind === "undecided" ? end.shas : []).toContain(
            broken,
          );
        },
      ),
    );
  });

  test("takes the bad commit itself when nothing is between", () => {
    expect(nextStep(straight(1), new Map([["c1", "bad"]]), 2)).toEqual({ kind: "found", sha: "c1" });
  });
});
