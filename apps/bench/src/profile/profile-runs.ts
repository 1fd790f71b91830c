import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "../measure.ts";
import { run } from "../rows.ts";
import { independentJobs, plant, printingJobs } from "../workloads.ts";
import { sharesOf, type Profile } from "./areas.ts";
import { flameGraph } from "./flame-graph.ts";

/** Where the time of Loom's own process goes, by area. */
export interface RunProfile {
  readonly workload: string;
  readonly shares: readonly (readonly [area: string, share: number])[];
}

const WORKLOADS = [
  { workload: "1,000 no-op jobs", picture: "flames-of-jobs.svg", jobs: independentJobs(1000) },
  { workload: "a step that prints 100 MB", picture: "flames-of-lines.svg", jobs: printingJobs(1, 1_000_000) },
];

/** The program's sources: the built program has no names of functions. */
const SOURCE = join(import.meta.dirname, "../../../loom/src/main.ts");

/**
 * Profiles the program with V8's own profiler.
 *
 * @param pictures - The folder into which a flame graph of each workload is written. Without one, none is drawn.
 */
export async function profileRuns(
  print: (text: string) => unknown,
  pictures?: string,
): Promise<readonly RunProfile[]> {
  const profiles: RunProfile[] = [];
  for (const { workload, picture, jobs } of WORKLOADS) {
    const folder = mkdtempSync(join(tmpdir(), "loom-bench-profile-"));
    try {
      const place = join(folder, "profile");
      mkdirSync(place);
      plant(folder, jobs, 2);
      const { words, ...rest } = run(folder);
      const [node = "", , ...args] = words;
      const flags = ["--conditions=@loom/source", "--cpu-prof", `--cpu-prof-dir=${place}`];
      await measure({ ...rest, words: [node, ...flags, SOURCE, ...args] });
      const [file = ""] = readdirSync(place);
      const profile = JSON.parse(readFileSync(join(place, file), "utf8")) as Profile;
      const shares = sharesOf(profile);
      profiles.push({ workload, shares });
      if (pictures !== undefined)
        writeFileSync(join(pictures, picture), flameGraph(profile, `loom run: ${workload}`));
      print(`\n${workload}`);
      for (const [area, share] of shares) print(`${(share * 100).toFixed(0).padStart(4)} %  ${area}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return profiles;
}
