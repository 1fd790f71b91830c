// `npm run bench -- --quick`: every target, measured against floors that are run in turn. See README.md.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { judgeRow, type RowResult } from "./judge-row.ts";
import { rows } from "./rows.ts";

const FULL = { lines: 1_000_000, manyJobs: 10_000, pastRuns: 1000, files: 20_000, rounds: 7 };
const QUICK = { lines: 50_000, manyJobs: 2000, pastRuns: 30, files: 2000, rounds: 3 };

/** Rows that take long even when they are small. */
const NOT_QUICK = ["3 cpu", "5", "5 rss", "8", "8a"];

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    rounds: { type: "string" },
  },
});
const sizes = values.quick ? QUICK : FULL;
const rounds = values.rounds === undefined ? sizes.rounds : Number(values.rounds);
const all = rows(sizes);
const unknown = (values.only ?? []).filter((id) => !all.some((row) => row.id === id));
if (unknown.length > 0 || !Number.isSafeInteger(rounds) || rounds < 1) {
  const ids = all.map(({ id }) => id).join(", ");
  process.stderr.write(`--only takes one of ${ids}, and --rounds a whole number of 1 or more\n`);
  process.exit(2);
}
const chosen = all.filter(({ id }) => values.only?.includes(id) ?? !(values.quick && NOT_QUICK.includes(id)));

const results: RowResult[] = [];
for (const row of chosen) {
  const folder = mkdtempSync(join(tmpdir(), "loom-bench-row-"));
  try {
    const result = await judgeRow(row, { folder, rounds });
    results.push(result);
    process.stdout.write(`${lineOf(result)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
const place = join(import.meta.dirname, "../../../bench");
mkdirSync(place, { recursive: true });
const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? "", node: process.version };
writeFileSync(
  join(place, "results.json"),
  `${JSON.stringify({ schema_version: "v1", kind: "loom-bench", quick: values.quick, rounds, machine, rows: results }, undefined, 2)}\n`,
);

function lineOf({ id, what, result, must, reach, verdict }: RowResult): string {
  const { median, low, high } = result;
  const spread = low === high ? "" : ` (${figure(low)} to ${figure(high)})`;
  return `${id.padEnd(7)} ${figure(median).padStart(7)}${spread.padEnd(20)} must ${figure(must)}, reach ${figure(reach)}  ${verdict.padEnd(7)} ${what}`;
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
