import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inProcess } from "./in-process.ts";
import { LOOM, loom } from "./loom-command.ts";
import type { Measured } from "./measure.ts";
import { onTerminal } from "./on-terminal.ts";
import type { Row, Sizes } from "./row.ts";
import { untilAnswer } from "./until-answer.ts";
import {
  chainOfJobs,
  failingJobs,
  independentJobs,
  layeredJobs,
  pass,
  plant,
  printingJobs,
  skewedJobs,
  type Workload,
} from "./workloads.ts";

const MEBIBYTE = 1024 * 1024;

/** How Loom runs what was planted in a folder, two jobs at a time, with nothing on the screen but lines. */
export function run(cwd: string, ...flags: readonly string[]): Measured {
  return loom(cwd, "run", "--no-tui", "-j", "2", ...flags);
}

/** Node, and nothing else. */
function node0(cwd: string): Measured {
  return { words: [process.execPath, "-e", "0"], cwd };
}

/** A workload in a folder of its own: what Loom does with it, and its floor. */
function planted(
  folder: string,
  name: string,
  workload: Workload,
): { readonly cwd: string; readonly floor: Measured } {
  const cwd = join(folder, name);
  mkdirSync(cwd);
  const floor = plant(cwd, workload, 2);
  return { cwd, floor };
}

function against(
  folder: string,
  name: string,
  workload: Workload,
): { readonly loom: Measured; readonly floor: Measured } {
  const { cwd, floor } = planted(folder, name, workload);
  return { loom: run(cwd), floor };
}

/** All rows, in the order of the targets. `sizes` are smaller for a quick look. */
export function rows(sizes: Sizes): readonly Row[] {
  const { lines, jobs, manyJobs, pastRuns } = sizes;
  const [layer, chain] = [jobs / 10, (jobs * 3) / 10];
  return [
    {
      id: "1",
      what: "run of one no-op job, wall time against node -e 0",
      must: 3,
      reach: 2,
      compare: (folder) => {
        const { cwd } = planted(folder, "one", independentJobs(1));
        return { loom: loom(cwd, "run", "--in-place"), floor: node0(cwd) };
      },
    },
    {
      id: "2a",
      what: "loom --version against node -e 0",
      must: 1.5,
      reach: 1.2,
      compare: (folder) => ({ loom: loom(folder, "--version"), floor: node0(folder) }),
    },
    {
      id: "2b",
      what: "check of a 20-job workflow against node -e 0",
      must: 2.5,
      reach: 2,
      compare: (folder) => {
        const { cwd } = planted(folder, "twenty", independentJobs(20));
        return { loom: loom(cwd, "check"), floor: node0(cwd) };
      },
    },
    {
      id: "3",
      what: `${jobs} independent no-op jobs against a bare spawn loop`,
      must: 1.5,
      reach: 1,
      also: [{ id: "3 cpu", what: "the same in processor time", must: 1.5, reach: 1, figure: "cpu" }],
      compare: (folder) => against(folder, "independent", independentJobs(jobs)),
    },
    {
      id: "4a",
      what: `10 layers of ${layer} jobs with three needs each, against a bare spawn loop`,
      must: 1.6,
      reach: 1.1,
      compare: (folder) => against(folder, "layers", layeredJobs(10, layer)),
    },
    {
      id: "4b",
      what: `a chain of ${chain} jobs against a bare spawn loop`,
      must: 1.6,
      reach: 1.1,
      compare: (folder) => against(folder, "chain", chainOfJobs(chain)),
    },
    {
      id: "5",
      what: `time per job of ${manyJobs} jobs against ${jobs}`,
      must: 1.2,
      reach: 1,
      scale: jobs / manyJobs,
      also: [
        {
          id: "5 rss",
          what: `memory of ${manyJobs} jobs, MiB`,
          must: 250,
          reach: 150,
          figure: "rss",
          scale: 1 / MEBIBYTE,
          alone: true,
        },
      ],
      compare: (folder) => ({
        loom: run(planted(folder, "many", independentJobs(manyJobs)).cwd),
        floor: run(planted(folder, "fewer", independentJobs(jobs)).cwd),
      }),
    },
    {
      id: "6",
      what: `${lines} lines of a job, each a record, against a program that passes them on`,
      must: 8,
      reach: 4,
      also: [
        {
          id: "6 rss",
          what: "memory of that, MiB",
          must: 150,
          reach: 110,
          figure: "rss",
          scale: 1 / MEBIBYTE,
          alone: true,
        },
      ],
      compare: (folder) => {
        const workload = printingJobs(1, lines);
        const { cwd } = planted(folder, "loud", workload);
        return { loom: run(cwd), floor: pass(cwd, workload.layers[0]?.[0] ?? "") };
      },
    },
    {
      id: "7",
      what: "the same with the screen on a terminal of 200 × 50, against without",
      must: 1.25,
      reach: 1.1,
      compare: (folder) => {
        const { cwd } = planted(folder, "shown", printingJobs(1, lines));
        return {
          loom: onTerminal([process.execPath, LOOM, "run", "--tui", "--tui-exit", "now"], cwd),
          floor: run(cwd),
        };
      },
    },
    {
      id: "8",
      what: "eight jobs that print together, time per line against one job",
      must: 1.25,
      reach: 1,
      scale: 1 / 8,
      compare: (folder) => ({
        loom: run(planted(folder, "choir", printingJobs(8, lines)).cwd, "-j", "8"),
        floor: run(planted(folder, "solo", printingJobs(1, lines)).cwd),
      }),
    },
    {
      id: "8a",
      what: "a chain of three seconds beside a stranger of three, seconds beyond a bare spawn loop",
      must: 0.15,
      reach: 0.08,
      beyond: true,
      compare: (folder) => against(folder, "skew", skewedJobs()),
    },
    inProcess("9", "schedule of 100,000 jobs with 300,000 needs, seconds", {
      must: 0.6,
      reach: 0.3,
      task: "schedule",
    }),
    inProcess("11", "compile of a 10,000-job workflow, seconds", { must: 2, reach: 1, task: "compile" }),
    inProcess("split", "a million lines out of 102 MB of a pipe, seconds", {
      must: 0.5,
      reach: 0.2,
      task: "split",
    }),
    inProcess("encode", "the same as records, seconds", { must: 0.5, reach: 0.2, task: "encode" }),
    inProcess("judge", "the same records past the validator, seconds", {
      must: 1,
      reach: 0.4,
      task: "judge",
    }),
    inProcess("errors", "recognising errors in a megabyte of output, seconds", {
      must: 0.5,
      reach: 0.1,
      task: "recognise",
    }),
    {
      id: "10",
      what: "verdict on a run of loud jobs, against JSON.parse of every line",
      must: 1.43,
      reach: 0.5,
      compare: (folder) => {
        const { cwd } = planted(folder, "judged", printingJobs(4, lines));
        spawn(run(cwd));
        const streams = globSync(".loom/.runtime/logs/*/jobs/*/user/execution/script/*/events.jsonl", {
          cwd,
        });
        const parse =
          'import{createInterface as c}from"node:readline";import{createReadStream as r}from"node:fs";for(const f of process.argv.slice(1))for await(const l of c({input:r(f)}))JSON.parse(l)';
        return {
          loom: loom(cwd, "verify", "last"),
          floor: { words: [process.execPath, "--input-type=module", "-e", parse, ...streams], cwd },
        };
      },
    },
    {
      id: "12",
      what: "explain --json of a failed run of 200 jobs and many lines, seconds beyond node -e 0",
      must: 0.15,
      reach: 0.06,
      beyond: true,
      compare: (folder) => {
        const cwd = failed(folder, lines);
        return { loom: loom(cwd, "explain", "--json"), floor: node0(cwd) };
      },
    },
    {
      id: "12 text",
      what: "agent, from checks red to file, line and cause: the one call of loom explain, seconds beyond node -e 0",
      must: 0.15,
      reach: 0.06,
      beyond: true,
      compare: (folder) => {
        const cwd = failed(folder, lines);
        return { loom: loom(cwd, "explain"), floor: node0(cwd) };
      },
    },
    {
      id: "12 size",
      what: "the same, bytes of the longer answer: text or JSON",
      must: 4096,
      reach: 4096,
      value: (folder) => {
        const cwd = failed(folder, lines);
        return Math.max(printedBy(loom(cwd, "explain")), printedBy(loom(cwd, "explain", "--json")));
      },
    },
    {
      id: "red",
      what: "an agent, from checks red to file, line and cause in a project of six jobs: loom explain, seconds beyond node -e 0",
      must: 0.06,
      reach: 0.04,
      beyond: true,
      compare: (folder) => {
        const cwd = failed(folder, 200, 6);
        return { loom: loom(cwd, "explain"), floor: node0(cwd) };
      },
    },
    {
      id: "green",
      what: "lines that an agent reads of a run that succeeds",
      must: 3,
      reach: 3,
      value: (folder) => {
        const { cwd } = planted(folder, "green", independentJobs(6));
        return linesOf({ ...loom(cwd, "run", "-j", "2"), env: { LOOM_OUTPUT: "agent" } });
      },
    },
    {
      id: "13",
      what: "the installed program, MB",
      must: 6,
      reach: 3,
      value: () => sizeOf(join(import.meta.dirname, "../../loom"), ["bin", "dist"]) / 1_000_000,
    },
    {
      id: "14",
      what: "run in a snapshot of a repository of many files, beyond the run in place, against git worktree add",
      must: 1.3,
      reach: 1,
      compare: (folder) => {
        const { cwd } = planted(folder, "large", independentJobs(1));
        fillRepository(cwd, sizes.files);
        const cache = join(folder, "cache");
        return {
          loom: { ...loom(cwd, "run"), env: { LOOM_IN_PLACE: "", XDG_CACHE_HOME: cache } },
          floor: {
            words: [
              "sh",
              "-c",
              'git worktree add -q --detach "$0" && git worktree remove -f "$0"',
              join(folder, "tree"),
            ],
            cwd,
          },
          without: loom(cwd, "run", "--in-place"),
        };
      },
    },
    {
      id: "17",
      what: "mcp from its start to its first answer, seconds beyond node -e 0",
      must: 0.12,
      reach: 0.06,
      beyond: true,
      compare: (folder) => ({ loom: untilAnswer(loom(folder, "mcp")), floor: node0(folder) }),
    },
    {
      id: "18",
      what: `run of one job after ${pastRuns} others against the run after one`,
      must: 1.2,
      reach: 1,
      compare: (folder) => {
        const { cwd } = planted(folder, "young", independentJobs(1));
        const old = join(folder, "old");
        spawn(run(cwd));
        cpSync(cwd, old, { recursive: true });
        for (let past = 0; past < pastRuns; past += 1) spawn(run(old));
        return { loom: run(old), floor: run(cwd) };
      },
    },
  ];
}

/** A failed run of 200 jobs, of which one printed many lines. */
function failed(folder: string, lines: number, jobs = 200): string {
  const { cwd } = planted(folder, "failed", failingJobs(jobs, lines));
  spawn(run(cwd, "-q"));
  return cwd;
}

/** How many bytes a command prints. */
function printedBy({ words: [program = "", ...args], cwd }: Measured): number {
  return spawnSync(program, args, { cwd }).stdout.length;
}

/** How many lines a command prints, on both outputs. */
function linesOf({ words: [program = "", ...args], cwd, env }: Measured): number {
  const { stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, LOOM_IN_PLACE: "1", ...env },
  });
  return `${stdout}${stderr}`.split("\n").length - 1;
}

/** Runs a command that is not measured. */
function spawn({ words: [program = "", ...args], cwd, env }: Measured): void {
  spawnSync(program, args, { cwd, env: { ...process.env, LOOM_IN_PLACE: "1", ...env }, stdio: "ignore" });
}

function fillRepository(cwd: string, files: number): void {
  for (let file = 0; file < files; file += 1) {
    const folder = join(cwd, `src/d${file % 200}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `f${file}.txt`), `file ${file}\n`.repeat(20));
  }
  const git = (...args: readonly string[]): void => {
    spawnSync("git", ["-c", "user.name=b", "-c", "user.email=b@example.org", ...args], {
      cwd,
      stdio: "ignore",
    });
  };
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "files");
}

function sizeOf(root: string, folders: readonly string[]): number {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) =>
        join(root, folder, name),
      ),
    )
    .reduce((bytes, path) => bytes + (statSync(path).isFile() ? statSync(path).size : 0), 0);
}
