import type { FindEcosystem, StarterJob } from "./starter-job.ts";

/** As GNU make looks for them. */
const NAMES = ["GNUmakefile", "makefile", "Makefile"];

/** Targets that become jobs of the same name. */
const TARGETS = [
  { name: "lint", stage: "check" },
  { name: "check", stage: "check" },
  { name: "build", stage: "build" },
  { name: "test", stage: "test" },
] as const;

/** Finds the usual targets of a Makefile; one that has none of them is made as a whole. */
export const findMake: FindEcosystem = (files) => {
  const name = NAMES.find((each) => files.has(each));
  if (name === undefined) return undefined;
  const targets = targetsOf(files.text(name) ?? "");
  const there = TARGETS.filter((target) => targets.has(target.name));
  const hasBuild = targets.has("build");
  const jobs = there.map((target): StarterJob => ({
    name: target.name,
    stage: target.stage,
    script: [`make ${target.name}`],
    ...(target.name === "test" && hasBuild && { needs: ["build"] }),
    // Both may build the same files.
    ...(target.name === "check" && targets.has("lint") && { needs: ["lint"] }),
  }));
  const whole: StarterJob = { name: "build", stage: "build", script: ["make"] };
  return { prefix: "make", found: name, jobs: jobs.length > 0 ? jobs : [whole], callsOthers: true };
};

/** The names on the left of each rule. */
function targetsOf(text: string): ReadonlySet<string> {
  const rules = text.replaceAll("\\\n", " ").matchAll(/^([A-Za-z][\w./ -]*?)\s*::?(?![:=])/gmu);
  return new Set([...rules].flatMap(([, names = ""]) => names.split(/\s+/u)));
}
