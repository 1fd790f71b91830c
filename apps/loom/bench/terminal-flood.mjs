// `node apps/loom/bench/terminal-flood.mjs [columns] [rows] [lines a second]`: what the screen costs while a job floods it.
// Needs a built Loom and Linux's /proc. Compares the same run with the screen and with --no-tui.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pty from "@lydell/node-pty";

const [columns, rows, linesPerSecond] = [200, 60, 100_000].map((usual, at) => {
  const given = process.argv.at(at + 2);
  return given === undefined ? usual : Number(given);
});
const LOOM = join(import.meta.dirname, "../bin/loom.cjs");
const SECONDS = Number(process.env["FLOOD_SECONDS"] ?? 6);

/** Ticks of the processor's clock in a second; what Linux has for every program. */
const TICKS = 100;

const root = mkdtempSync(join(tmpdir(), "loom-flood-"));
try {
  mkdirSync(join(root, ".loom"));
  writeFileSync(
    join(root, "flood.mjs"),
    `let n = 0; const end = Date.now() + ${SECONDS + 3} * 1000; const began = Date.now();
const tick = () => { const want = (Date.now() - began) * ${linesPerSecond / 1000}; let out = "";
while (n < want) out += "line " + n++ + " of the flood, long enough to look like a line of a build, with a path src/module.ts:12\\n";
process.stdout.write(out, () => Date.now() < end ? setTimeout(tick, 10) : undefined); }; tick();`,
  );
  writeFileSync(
    join(root, ".loom/workflow.yml"),
    `version: v1\nstages: [s]\nflood:\n  stage: s\n  script: ["${process.execPath} flood.mjs"]\n`,
  );
  const plain = await measure(["--no-tui"]);
  const screen = await measure(["--tui", "--tui-exit", "now"]);
  for (const [name, figures] of Object.entries({ plain, screen })) console.log(name.padEnd(8), figures);
  console.log(
    `the screen costs ${(screen.cpuPercent - plain.cpuPercent).toFixed(1)} % of a core at ${columns}x${rows}`,
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}

/** @param {readonly string[]} flags */
async function measure(flags) {
  const { CI: _ci, ...env } = process.env;
  const child = pty.spawn(process.execPath, [LOOM, "run", ...flags], {
    cols: columns,
    rows,
    cwd: root,
    env: { ...env, TERM: "xterm-256color" },
  });
  let frames = 0;
  let bytes = 0;
  child.onData((text) => {
    bytes += Buffer.byteLength(text);
    frames += text.split("\u001B[?2026h").length - 1;
  });
  const ended = new Promise((resolve) => child.onExit(resolve));
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const before = usage(child.pid);
  const from = { frames, bytes };
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
  const after = usage(child.pid);
  const figures = {
    cpuPercent: Number((((after.ticks - before.ticks) / TICKS / SECONDS) * 100).toFixed(1)),
    framesPerSecond: Number(((frames - from.frames) / SECONDS).toFixed(1)),
    kilobytesPerSecond: Math.round((bytes - from.bytes) / SECONDS / 1000),
    residentMegabytes: [before.resident, after.resident],
  };
  await ended;
  return figures;
}

function usage(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return {
    ticks: Number(fields[11]) + Number(fields[12]),
    resident: Math.round(Number(/VmRSS:\s+(\d+)/u.exec(status)?.[1]) / 1000),
  };
}
