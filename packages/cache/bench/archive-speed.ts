// Compares save and restore with `tar | zstd -T0 -3`, on 30,000 small files and on one large file, and measures memory
// for a 2 GB cache.
// Run: node --conditions=@loom/source packages/cache/bench/archive-speed.ts [folder] [--rounds=5] [--memory]
// Needs `tar` and `zstd`, and a few gigabytes in the folder (default: the system's temporary folder).
import { execFileSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { epochMs } from "@loom/core";
import { createCacheStore, planCaches, restoreCaches, saveCaches, type PlannedCache } from "../src/index.ts";

const MIB = 1024 * 1024;
const rounds = Number(process.argv.find((word) => word.startsWith("--rounds="))?.slice(9) ?? 5);
const place = process.argv.slice(2).find((word) => !word.startsWith("--")) ?? tmpdir();
const root = mkdtempSync(join(place, "loom-cache-bench-"));
const clock = { now: () => epochMs(performance.timeOrigin + performance.now()), after: () => () => {} };
const store = createCacheStore({ cacheHome: join(root, "home"), clock });
const random = generator(12_345);
const text = prose(8 * MIB);

try {
  if (process.argv.includes("--memory")) memory();
  else {
    await compare("30,000 small files", manySmallFiles(join(root, "small")));
    rmSync(join(root, "small"), { recursive: true });
    await compare("one file of 1 GiB", oneLargeFile(join(root, "large"), 1024));
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}

async function compare(title: string, workspace: string): Promise<void> {
  const [plan] = await planned(workspace);
  const times = { save: [[], []] as Pair, restore: [[], []] as Pair };
  for (let round = 0; round <= rounds; round++) {
    const archive = join(root, "tar.zst");
    const byTar = measured(() =>
      shell(`tar -C "${workspace}" -cf - node_modules | zstd -q -T0 -3 -f -o "${archive}"`),
    );
    rmSync(store.directory, { recursive: true, force: true });
    const bySave = await measuredAsync(() =>
      saveCaches(store, [plan], { workspace, status: "success", restored: [] }),
    );
    const back = emptyFolder();
    const byUntar = measured(() => shell(`zstd -dcq "${archive}" | tar -C "${back}" -xf -`));
    rmSync(back, { recursive: true });
    const here = emptyFolder();
    const byRestore = await measuredAsync(async () => {
      const [restored] = await restoreCaches(store, [plan], { workspace: here });
      if (restored?.hit !== true) throw new Error(`Not restored: ${restored?.warnings.join(", ")}`);
    });
    if (round === 1) shell(`diff -r --no-dereference "${workspace}" "${here}"`);
    rmSync(here, { recursive: true });
    // The first round warms the page cache and the compiler.
    if (round === 0) continue;
    times.save[0].push(byTar);
    times.save[1].push(bySave);
    times.restore[0].push(byUntar);
    times.restore[1].push(byRestore);
  }
  const archiveMegabytes = Math.round(statSync(join(root, "tar.zst")).size / 1e6);
  process.stdout.write(`${title} (tar and zstd: ${archiveMegabytes} MB)\n`);
  report("save", times.save);
  report("restore", times.restore);
}

type Pair = [number[], number[]];

function report(word: string, [theirs, ours]: Pair): void {
  const [a, b] = [median(theirs), median(ours)];
  const spread = (values: number[]): string =>
    `${Math.round(Math.min(...values))}–${Math.round(Math.max(...values))}`;
  process.stdout.write(
    `  ${word.padEnd(8)} tar and zstd ${Math.round(a)} ms (${spread(theirs)})  loom ${Math.round(b)} ms (${spread(ours)})  ratio ${(b / a).toFixed(2)}\n`,
  );
}

/** In a separate process, as this one made the files. */
function memory(): void {
  const workspace = oneLargeFile(join(root, "large"), 2048, "deps");
  const script = fileURLToPath(new URL("../test/save-and-restore.ts", import.meta.url));
  const command = ["--conditions=@loom/source", script, join(root, "home"), workspace];
  const output = execFileSync(process.execPath, command, { encoding: "utf8" });
  const { before, after } = JSON.parse(output) as { before: number; after: number };
  const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
  process.stdout.write(
    `2 GiB: at most ${megabytes(after)} MB resident, ${megabytes(before)} MB of them before it began\n`,
  );
}

async function planned(workspace: string): Promise<[PlannedCache]> {
  const cache = { paths: ["node_modules"], key: "bench", policy: "pull-push", when: "on_success" } as const;
  const context = { jobName: "bench", jobId: "bench", runId: "run", pipelineId: "pipeline", variables: {} };
  const plan = await planCaches([cache], { workspace, scope: root, context });
  if (!plan.ok || plan.value[0] === undefined) throw new Error("No plan");
  return [plan.value[0]];
}

function manySmallFiles(folder: string): string {
  for (let number = 0; number < 1000; number++) {
    const name = number % 7 === 0 ? `@scope-${number % 50}/package-${number}` : `package-${number}`;
    for (const below of ["", "lib", "dist/esm", "dist/cjs/internal"]) {
      const here = join(folder, "node_modules", name, below);
      mkdirSync(here, { recursive: true });
      for (let file = 0; file < (below === "" ? 6 : 8); file++) {
        const size = Math.min(400_000, Math.floor(300 * Math.exp(random() * random() * 6.5)));
        const at = Math.floor(random() * (text.length - size));
        writeFileSync(
          join(here, `module-${file}.${file % 3 === 0 ? "d.ts" : "js"}`),
          text.subarray(at, at + size),
        );
      }
    }
  }
  return folder;
}

/** A quarter of it is incompressible. */
function oneLargeFile(folder: string, mebibytes: number, name = "node_modules"): string {
  mkdirSync(join(folder, name), { recursive: true });
  const file = openSync(join(folder, name, "blob.bin"), "w");
  const chunk = Buffer.alloc(MIB);
  for (let number = 0; number < mebibytes; number++) {
    let at = 0;
    if (number % 4 === 0) {
      for (; at < chunk.length; at += 4) chunk.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
    }
    while (at < chunk.length) {
      const length = Math.min(20 + Math.floor(random() * 4000), chunk.length - at);
      const from = Math.floor(random() * (text.length - length));
      at += text.copy(chunk, at, from, from + length);
    }
    writeSync(file, chunk);
  }
  closeSync(file);
  return folder;
}

function prose(bytes: number): Buffer {
  const letters = "etaoinshrdlucmfwypvbgkqjxz";
  const words = Array.from({ length: 3000 }, () =>
    Array.from(
      { length: 2 + Math.floor(random() * 9) },
      () => letters[Math.floor(random() * random() * 26)],
    ).join(""),
  );
  let prose = "";
  while (prose.length < bytes) {
    prose += words[Math.floor(random() * random() * 3000)] ?? "";
    prose += [" ", "(", ".", "\n", ";", "= "][Math.floor(random() * 6)] ?? "";
  }
  return Buffer.from(prose);
}

/** Numbers from 0 up to 1, the same sequence each time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function emptyFolder(): string {
  return mkdtempSync(join(root, "out-"));
}

function shell(command: string): void {
  execFileSync("sh", ["-c", command], { stdio: ["ignore", "inherit", "inherit"] });
}

function measured(work: () => void): number {
  settle();
  const since = performance.now();
  work();
  return performance.now() - since;
}

async function measuredAsync(work: () => Promise<unknown>): Promise<number> {
  settle();
  const since = performance.now();
  await work();
  return performance.now() - since;
}

/** Flushes earlier writes, so that they do not slow down what is measured next. */
function settle(): void {
  execFileSync("sync");
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (
    ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0)) /
    2
  );
}
