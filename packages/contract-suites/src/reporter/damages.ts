import { jobId } from "@loom/core";
import type { PlayedRun } from "../scripted/played-run.ts";
import { givenBy, type Given } from "./given.ts";

/** How many orders of one run are tried. */
const SHUFFLES = 5;

/** What may become of the records of a run on their way to a reader, each with its name. */
export function damagesOf(
  given: readonly Given[],
): readonly { readonly name: string; readonly given: readonly Given[] }[] {
  return [
    { name: "records from the last to the first", given: given.toReversed() },
    { name: "each record twice", given: given.flatMap((call) => [call, call]) },
    ...[0, 1, 2].map((rest) => ({
      name: `records of which every third is missing, from number ${rest + 1} on`,
      given: given.filter((_, index) => index % 3 !== rest),
    })),
    ...Array.from({ length: SHUFFLES }, (_, seed) => ({
      name: `records in the wrong order number ${seed + 1}`,
      given: shuffled(given, seed + 1),
    })),
    { name: "a run without its graph", given: given.filter((call) => !isGraph(call)) },
    { name: "a graph alone", given: given.filter(isGraph) },
    { name: "records of a job that is not in the graph", given: [...given, ...givenBy(playUnknownJob)] },
    { name: "the end of a run without its beginning", given: given.slice(Math.floor(given.length / 2)) },
  ];
}

function isGraph(call: Given): boolean {
  return call.kind === "record" && call.record.event === "log" && "graph_ir" in call.record;
}

function playUnknownJob(run: PlayedRun): void {
  const unknown = jobId("nobody");
  run.runs("nobody", 10, ["a line"], { exitCode: 1 });
  run.skips("nobody-else", "upstream_failed", ["nobody"]);
  run.logs({ kind: "section", jobId: unknown, section: "provider" }, "warn", "of nobody");
  run.prints("nobody", 99, ["", "", "x"]);
}

/** An order that a number decides, the same each time. */
function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  let state = seed;
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    // The generator of Park and Miller.
    state = (state * 48_271) % 2_147_483_647;
    const other = state % (last + 1);
    const [one, two] = [mixed[last], mixed[other]];
    if (one === undefined || two === undefined) continue;
    mixed[last] = two;
    mixed[other] = one;
  }
  return mixed;
}
