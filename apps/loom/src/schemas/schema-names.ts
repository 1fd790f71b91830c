/** A kind of JSON that Loom writes. */
interface NamedSchema {
  /** The word for it in `loom schema NAME`. */
  readonly name: string;
  /** Where it is found. */
  readonly help: string;
}

/** All that `loom schema` knows, in the order in which it lists them. Without zod, which only a schema itself needs. */
export const SCHEMAS = [
  { name: "event", help: "a record of events.jsonl" },
  { name: "receipt", help: "receipts/<run_id>.json" },
  { name: "run-summary", help: "summary.json of a run" },
  { name: "pipeline-summary", help: "pipeline/summary.json" },
  { name: "pipeline-manifest", help: "pipeline/manifest.json" },
  { name: "job-summary", help: "summary.json of a job" },
  { name: "job-manifest", help: "manifest.json of a job" },
  { name: "step-summary", help: "summary.json of a step" },
  { name: "section-summary", help: "summary.json of a section" },
  { name: "phase-report", help: "phase-report.json, and loom verify --json" },
  { name: "check-receipt", help: "receipts/loom-check-<ns>.json" },
  { name: "check", help: "loom check --json" },
  { name: "import", help: "loom import --json" },
  { name: "run", help: "a line of loom run --json" },
  { name: "plan", help: "loom run --dry-run --json" },
  { name: "runs", help: "loom runs --json" },
  { name: "show", help: "loom show --json" },
  { name: "run-state", help: "loom show --json of a run that goes on, loom ctl state --json" },
  { name: "explain", help: "loom explain --json" },
  { name: "explain-job", help: "loom explain --job ID --json" },
  { name: "explain-jobs", help: "loom explain --job ID --json of a job with a matrix" },
  { name: "explain-all", help: "loom explain --all --json" },
  { name: "logs", help: "a line of loom logs --json" },
  { name: "config", help: "loom config show --json" },
  { name: "doctor", help: "loom doctor --json" },
  { name: "diff", help: "loom diff --json" },
  { name: "bisect", help: "loom bisect JOB --json" },
  { name: "flaky", help: "loom flaky --json" },
  { name: "flaky-rerun", help: "loom flaky --rerun JOB --json" },
  { name: "cache-list", help: "loom cache list --json" },
  { name: "cache-prune", help: "loom cache prune --json" },
  { name: "cache-clear", help: "loom cache clear --json" },
  { name: "clean", help: "loom clean --json" },
  { name: "workers", help: "loom workers --json" },
] as const satisfies readonly NamedSchema[];

/** The word for a schema. */
export type SchemaName = (typeof SCHEMAS)[number]["name"];

/** Whether a word names a schema. */
export function isSchemaName(word: string): word is SchemaName {
  return SCHEMAS.some(({ name }) => name === word);
}
