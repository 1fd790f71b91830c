import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOOM, type Project } from "../project.ts";

/** What Loom itself asks of the kernel about files and processes. Memory, threads and signals are Node's and left out. */
const TRACED = [
  "clone",
  "clone3",
  "execve",
  "linkat",
  "mkdir",
  "mkdirat",
  "open",
  "openat",
  "pipe2",
  "pwrite64",
  "rename",
  "renameat2",
  "rmdir",
  "statx",
  "symlink",
  "unlink",
  "unlinkat",
  "vfork",
  "write",
  "writev",
];

/**
 * What depends on the machine: its other processes (and the size of what they say), its control groups, the libraries of
 * its shell. And the second half of a call that another thread interrupted, and how one thread of Node wakes another.
 */
const NOT_COUNTED =
  / resumed>|"\/(?:proc|sys|lib|lib64|usr\/lib|etc|dev\/null)\b|statx\(\d+, ""|"\\1\\0\\0\\0\\0\\0\\0\\0"|CLONE_THREAD/;

/** How many of the system calls that are about files and processes a command of Loom makes, with all that it starts. */
export function systemCalls(project: Project, args: readonly string[]): number {
  return traced(project, TRACED, args).filter((line) => line.includes("(") && !NOT_COUNTED.test(line)).length;
}

/** How many programs a command of Loom starts, such as git. */
export function programsStarted(project: Project, args: readonly string[]): number {
  // One that is looked for in a folder of PATH where it is not fails, and Loom itself is the first.
  return traced(project, ["execve"], args).filter((line) => line.endsWith(" = 0")).length - 1;
}

function traced(project: Project, calls: readonly string[], args: readonly string[]): readonly string[] {
  const trace = join(project.root, "trace");
  const options = [
    "-f",
    "--seccomp-bpf",
    "-qq",
    "-s",
    "128",
    "-e",
    `trace=${calls.join(",")}`,
    "-e",
    "signal=none",
  ];
  run(project, "strace", [...options, "-o", trace, process.execPath, LOOM, ...args]);
  const lines = readFileSync(trace, "utf8").split("\n");
  rmSync(trace);
  return lines;
}

/** How many parts of Node and files of the program a command of Loom loads. */
export function modulesLoaded(
  project: Project,
  args: readonly string[],
  own: Readonly<Record<string, string>>,
): { program: number; node: number } {
  const notes = join(project.root, "loaded");
  const hook = join(project.root, "hook.cjs");
  writeFileSync(
    hook,
    `const notes = ${JSON.stringify(notes)};
const files = new Set();
require("node:module").registerHooks({ load: (url, context, next) => { files.add(url); return next(url, context); } });
process.on("exit", () => {
  const program = [...files].filter((url) => url.startsWith("file:") && !url.includes("/bin/")).length;
  require("node:fs").writeFileSync(notes, JSON.stringify({ program, node: process.moduleLoadList.length }));
});
`,
  );
  run(project, process.execPath, ["-r", hook, LOOM, ...args], own);
  return JSON.parse(readFileSync(notes, "utf8")) as { program: number; node: number };
}

/** What a project's runs have left on the disk. */
export function evidence({ root }: Project): { readonly entries: number; readonly bytes: number } {
  const folder = join(root, ".loom/.runtime");
  if (!existsSync(folder)) return { entries: 0, bytes: 0 };
  const states = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) =>
    lstatSync(join(folder, name)),
  );
  const bytes = states.reduce((sum, state) => sum + (state.isFile() ? state.size : 0), 0);
  return { entries: states.length, bytes };
}

/** Whether strace is there and may trace. */
export function canTrace(): boolean {
  return spawnSync("strace", ["-f", "--seccomp-bpf", "-o", "/dev/null", "true"]).status === 0;
}

function run(
  { root }: Project,
  program: string,
  args: readonly string[],
  own: Readonly<Record<string, string>> = {},
): void {
  const env = { ...process.env, LOOM_IN_PLACE: "1", ...own };
  const { status, stderr } = spawnSync(program, args, { cwd: root, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${String(status)}: ${stderr}`);
}
