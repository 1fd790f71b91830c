// `npm run bench -- --quick`: every target, measured against floors that are run in turn. With `--peers`,
// other programs that run jobs, too. See README.md.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { judgeRow, type RowResult } from "./judge-row.ts";
import { benchEngine, containerRows } from "./container-rows.ts";
import { comparePeers, PEER_WORKLOADS } from "./peers/compare-peers.ts";
import { profileRuns } from "./profile/profile-runs.ts";
import { hasNats, remoteRows } from "./remote-rows.ts";
import type { Row } from "./row.ts";
import { rows } from "./rows.ts";

const FULL = { lines: 1_000_000, jobs: 1000, manyJobs: 10_000, pastRuns: 1000, files: 20_000, rounds: 7 };
const QUICK = { lines: 50_000, jobs: 200, manyJobs: 600, pastRuns: 30, files: 2000, rounds: 3 };

/** Rows that take long even when they are small. */
const NOT_QUICK = ["8", "8a"];

const USAGE = `npm run bench -- [--quick] [--only ROW]… [--rounds N]
npm run bench -- --peers [--only WORKLOAD]… [--rounds N]
npm run bench -- --profile [--flames FOLDER]
`;

const values = options();
const sizes = values.quick ? QUICK : FULL;
const rounds = values.rounds === undefined ? sizes.rounds : Number(values.rounds);
const engine = benchEngine(process.env);
const all = values.peers
  ? []
  : [
      ...rows(sizes),
      ...(engine === undefined ? [] : containerRows(engine)),
      ...(hasNats() ? remoteRows() : []),
    ];
const known = values.peers ? PEER_WORKLOADS.map(({ id }) => id) : all.flatMap(idsOf);
if ((values.only ?? []).some((id) => !known.includes(id)) || !Number.isSafeInteger(rounds) || rounds < 1) {
  process.stderr.write(`--only takes one of ${known.join(", ")}, and --rounds a whole number of 1 or more\n`);
  process.exit(2);
}
const place = join(import.meta.dirname, "../../../bench");
mkdirSync(place, { recursive: true });

const print = (text: string): unknown => process.stdout.write(`${text}\n`);
if (values.profile) {
  keep("profile.json", "loom-bench-profile", { profiles: await profileRuns(print, values.flames) });
} else if (values.peers) {
  const chosen = PEER_WORKLOADS.filter(({ id }) => values.only?.includes(id) ?? true);
  keep("peers.json", "loom-bench-peers", await comparePeers(chosen, { rounds, print }));
} else {
  const results: RowResult[] = [];
  for (const row of all) {
    const wanted = values.only?.some((id) => idsOf(row).includes(id));
    if (!(wanted ?? !(values.quick && NOT_QUICK.includes(row.id)))) continue;
    const folder = mkdtempSync(join(tmpdir(), "loom-bench-row-"));
    try {
      for (const result of await judgeRow(row, { folder, rounds })) {
        results.push(result);
        print(lineOf(result));
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  keep("results.json", "loom-bench", { quick: values.quick, rounds, rows: results });
}

/** A row and all figures that the same runs give. */
/** What the command line says. Ends the program where it cannot be understood. */
function options() {
  try {
    const { values: given } = parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        peers: { type: "boolean", default: false },
        profile: { type: "boolean", default: false },
        flames: { type: "string" },
        only: { type: "string", multiple: true },
        rounds: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (!given.help) return given;
    process.stdout.write(USAGE);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
}

function idsOf({ id, also = [] }: Row): readonly string[] {
  return [id, ...also.map((target) => target.id)];
}

/** Writes figures with what they were measured on. */
function keep(name: string, kind: string, figures: object): void {
  const machine = { cores: cpus().length, model: cpus()[0]?.model ?? "", node: process.version };
  const document = { schema_version: "v1", kind, date: new Date().toISOString(), machine, ...figures };
  writeFileSync(join(place, name), `${JSON.stringify(document, undefined, 2)}\n`);
}

function lineOf({ id, what, result, must, reach, verdict }: RowResult): string {
  const { median, low, high } = result;
  const spread = low === high ? "" : ` (${figure(low)} to ${figure(high)})`;
  return `${id.padEnd(7)} ${figure(median).padStart(7)}${spread.padEnd(20)} must ${figure(must)}, reach ${figure(reach)}  ${verdict.padEnd(7)} ${what}`;
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
