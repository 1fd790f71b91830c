// `node tooling/pictures/render.mjs`: regenerates docs/pictures/ from real runs in a real terminal.
// Needs tmux, and a built Loom.
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

import { drawFilm, drawScreen } from "./draw-screen.mjs";
import { parseScreen } from "./parse-screen.mjs";
import { captureScreen } from "./terminal.mjs";

const ROOT = resolve(import.meta.dirname, "../..");
const PICTURES = join(ROOT, "docs/pictures");

/** Variables that change a run's output; a picture shows what a person at a terminal sees. */
const HIDDEN_VARIABLES =
  /^(CI|CONTINUOUS_INTEGRATION|NO_COLOR|FORCE_COLOR|COLORTERM|TMUX.*|LOOM_.*|AI_AGENT|CLAUDE.*)$/u;

/**
 * A slow compiler: a run that lasts a quarter of a second has nothing to show. The delay per file decides what
 * the picture catches: two jobs done, two running.
 */
const SLOW_COMPILER = `#!/bin/sh
case "$*" in
  *-c*src/main.c) sleep 0.6 ;;
  *-c*src/reader.c) sleep 1.1 ;;
  *-c*src/*.c) sleep 6 ;;
esac
exec cc "$@"
`;

/** Screens closer together than this are one frame. Unit: milliseconds. */
const FRAME_MS = 500;

/** How long screens are shown that a person reads. Unit: milliseconds. */
const READING_MS = 4000;

const PROGRAMS = mkdtempSync(join(tmpdir(), "loom-pictures-"));
writeFileSync(
  join(PROGRAMS, "loom"),
  `#!/bin/sh\nexec node "${join(ROOT, "apps/loom/bin/loom.cjs")}" "$@"\n`,
);
writeFileSync(join(PROGRAMS, "slow-cc"), SLOW_COMPILER);
for (const program of ["loom", "slow-cc"]) chmodSync(join(PROGRAMS, program), 0o755);

try {
  await picture({
    name: "live-view",
    example: "c-program",
    command: "CC=slow-cc loom -j 4",
    title: "loom",
    description: "The live view of a run: the jobs of each stage with their state, time and step",
    columns: 80,
    rows: 24,
    until: (screen) => screen.includes("2 running") && screen.includes("3/8 done"),
  });
  await picture({
    name: "failure",
    example: "data-job",
    command: "printf '$ loom\\n'; loom --tui-exit now",
    title: "loom: a job failed",
    description:
      "What a failed run leaves on the terminal: the jobs, the last lines of the failed step, the files to open",
    columns: 100,
    rows: 30,
    until: (screen) => screen.includes("receipt:"),
  });
  await picture({
    name: "why",
    example: "data-job",
    command: "loom",
    title: "loom: why it failed",
    description: "The failure view: the error with its place, the lines that tell of it, what to do next",
    columns: 120,
    rows: 30,
    until: (screen) => screen.includes("files: receipt summary"),
  });
  const done = { key: "1", until: (screen) => screen.includes("8/8 done") };
  await picture({
    name: "graph",
    example: "data-job",
    command: "loom -q --var MAX_BROKEN=9 >/dev/null; loom show last",
    title: "loom: the graph",
    description: "The graph view: which job needs which, with the edges of the selected one",
    columns: 120,
    rows: 24,
    until: (screen) => screen.includes("success"),
    keys: [
      { key: "1", until: (screen) => screen.includes("7/7 done") },
      { key: "2", until: (screen) => screen.includes("critical path") },
    ],
  });
  await picture({
    name: "time",
    example: "c-program",
    command: "CC=slow-cc loom -q -j 4 >/dev/null; loom show last",
    title: "loom: the time",
    description: "The time view: a bar for each job, and how many ran at a time",
    columns: 120,
    rows: 24,
    until: (screen) => screen.includes("success"),
    keys: [done, { key: "3", until: (screen) => screen.includes("at once") }],
  });
  await film({
    name: "film",
    example: "c-program",
    command: "sed -i 's/ferror(output)/ferror(outptu)/' src/report.c; CC=slow-cc loom -j 4",
    title: "loom: a run that fails, and why",
    description: "A run of eight jobs: one fails, the view turns to why, and leads to the line in its log",
    columns: 100,
    rows: 24,
    until: (screen) => screen.includes("files: receipt summary"),
    keys: [{ key: "Enter", until: (screen) => screen.includes("Esc back") }],
  });
} finally {
  rmSync(PROGRAMS, { recursive: true, force: true });
}

async function picture({ name, title, description, columns, ...run }) {
  const capture = await inExample({ columns, ...run });
  write(name, drawScreen(parseScreen(capture), { columns, title, description }));
}

/** A picture that moves: the screens of a run, and after each key long enough to be read. */
async function film({ name, title, description, columns, rows, ...run }) {
  const frames = [];
  const began = Date.now();
  const onLook = (screen) => {
    const atMs = Date.now() - began;
    const last = frames.at(-1);
    if (last?.screen === screen || !screen.includes("loom")) return;
    if (last !== undefined && atMs - last.atMs < FRAME_MS) last.screen = screen;
    else frames.push({ atMs, screen });
  };
  const last = await inExample({ columns, rows, onLook, ...run });
  frames.push({ atMs: Date.now() - began, screen: last });
  const shown = frames.map(({ atMs, screen }, index) => {
    const next = frames[index + 1];
    const isRead = next === undefined || screen.includes("files: receipt summary");
    return { rows: parseScreen(screen), forMs: isRead ? READING_MS : next.atMs - atMs };
  });
  write(name, drawFilm(shown, { columns, rows, title, description }));
}

function write(name, svg) {
  mkdirSync(PICTURES, { recursive: true });
  writeFileSync(join(PICTURES, `${name}.svg`), svg);
  process.stdout.write(`docs/pictures/${name}.svg\n`);
}

/** Runs a command in a copy of an example. @returns The last screen. */
async function inExample({ example, command, ...capture }) {
  // A short path outside any home folder: the receipt is printed with its full path.
  const folder = join(tmpdir(), example);
  if (existsSync(folder))
    throw new Error(`Cannot copy examples/${example}: "${folder}" is in the way, remove it`);
  cpSync(join(ROOT, "examples", example), folder, {
    recursive: true,
    filter: (source) => !/\/(\.runtime|out|build|build-sanitized|config\.(h|mk))$/u.test(source),
  });
  try {
    return await captureScreen({ command, cwd: folder, env: environment(), ...capture });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function environment() {
  const kept = Object.entries(process.env).filter(([name]) => !HIDDEN_VARIABLES.test(name));
  const path = [PROGRAMS, join(ROOT, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path, TERM: "xterm-256color", LANG: "C.UTF-8" };
}
