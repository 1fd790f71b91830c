// Measures creating a workspace of a repository with 20,000 files, clean and dirty, against `git worktree add`.
// Run: node --conditions=@loom/source packages/workspace/bench/create-workspace.ts [files] [rounds]
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { epochMs, type RunId } from "@loom/core";
import { createWorkspace } from "../src/create-workspace.ts";

const FILES = Number(process.argv[2] ?? 20_000);
const ROUNDS = Number(process.argv[3] ?? 7);
const DIRTY = 500;

const base = mkdtempSync(join(tmpdir(), "loom-bench-"));
const repository = join(base, "repository");
const env = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: base };
let count = 0;

for (let n = 0; n < FILES; n += 1) write(filePath(n), contents(n));
git("init", "-q");
git("config", "gc.auto", "0");
git("add", "-A");
git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "All files");
git("gc", "-q");
process.stdout.write(`${FILES} files, medians of ${ROUNDS} rounds, A B A B\n`);
await measure("clean");
for (let n = 0; n < DIRTY; n += 1) appendFileSync(filePath(n * Math.floor(FILES / DIRTY)), "// changed\n");
for (let n = 0; n < DIRTY; n += 1) write(join(repository, "new", `file-${n}.ts`), contents(n));
await measure(`${DIRTY} changed, ${DIRTY} untracked`);
rmSync(base, { recursive: true, force: true });

/** Alternates between both, so that other load affects both. */
async function measure(name: string): Promise<void> {
  const worktree: number[] = [];
  const workspace: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const a = await timed(() => git("worktree", "add", "-q", "--detach", join(base, "worktree"), "HEAD"));
    git("worktree", "remove", "--force", join(base, "worktree"));
    const b = await timed(async () => {
      const made = await createWorkspace({
        projectFolder: repository,
        cacheHome: join(base, "cache"),
        runId: `loom-run-local-${(count += 1)}` as RunId,
        env,
        nowMs: epochMs(count),
      });
      if (!made.ok) throw new Error(made.error.message);
    });
    rmSync(join(base, "cache"), { recursive: true, force: true });
    // The first round fills the caches.
    if (round === 0) continue;
    worktree.push(a);
    workspace.push(b);
  }
  const [a, b] = [median(worktree), median(workspace)];
  const ratios = worktree.map((ms, round) => (workspace[round] ?? 0) / ms);
  process.stdout.write(
    `${name.padEnd(28)} git worktree add ${a.toFixed(0)} ms  workspace ${b.toFixed(0)} ms  ratio ${(b / a).toFixed(2)} (by round: median ${median(ratios).toFixed(2)})\n`,
  );
}

async function timed(act: () => unknown): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function filePath(n: number): string {
  return join(repository, `src/part-${n % 20}/module-${n % 400}/file-${n}.ts`);
}

function contents(n: number): string {
  return `export const value${n} = ${n};\n`.repeat(20 + ((n * 7) % 150));
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function git(...args: string[]): void {
  execFileSync("git", args, { cwd: repository, env });
}
