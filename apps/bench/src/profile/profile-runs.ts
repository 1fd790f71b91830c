import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measure } from "../measure.ts";
import { run } from "../rows.ts";
import { independentJobs, plant, printingJobs } from "../workloads.ts";
import { sharesOf, type Profile } from "./areas.ts";

/** Where the time of Loom's own process goes, by area. */
export interface RunProfile {
  readonly workload: string;
  readonly shares: readonly (readonly [area: string, share: number])[];
}

const WORKLOADS = [
  { workload: "1,000 no-op jobs", jobs: independentJobs(1000) },
  { workload: "a step that prints 100 MB", jobs: printingJobs(1, 1_000_000) },
];

/** Profiles the built program with V8's own profiler. */
export async function profileRuns(print: (text: string) => unknown): Promise<readonly RunProfile[]> {
  const profiles: RunProfile[] = [];
  for (const { workload, jobs } of WORKLOADS) {
    const folder = mkdtempSync(join(tmpdir(), "loom-bench-profile-"));
    try {
      const place = join(folder, "profile");
      mkdirSync(place);
      plant(folder, jobs, 2);
      const { words, ...rest } = run(folder);
      const [node = "", ...args] = words;
      await measure({ ...rest, words: [node, "--cpu-prof", `--cpu-prof-dir=${place}`, ...args] });
      const [file = ""] = readdirSync(place);
      const profile = JSON.parse(readFileSync(join(place, file), "utf8")) as Profile;
      const shares = sharesOf(profile, textReader());
      profiles.push({ workload, shares });
      print(`\n${workload}`);
      for (const [area, share] of shares) print(`${(share * 100).toFixed(0).padStart(4)} %  ${area}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return profiles;
}

/** Reads each file once. */
function textReader(): (url: string) => string {
  const texts = new Map<string, string>();
  return (url) => {
    const known = texts.get(url);
    if (known !== undefined) return known;
    const text = url.startsWith("file:") ? readFileSync(fileURLToPath(url), "utf8") : "";
    texts.set(url, text);
    return text;
  };
}
