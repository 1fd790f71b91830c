/** The run's summary, relative to its directory. */
export const RUN_SUMMARY_PATH = "summary.json";

/** The report of the phase validator, relative to the run's directory. */
export const PHASE_REPORT_PATH = "phase-report.json";

/** The pipeline's summary, relative to the run's directory. */
export const PIPELINE_SUMMARY_PATH = "pipeline/summary.json";

/** The pipeline's manifest, relative to the run's directory. */
export const PIPELINE_MANIFEST_PATH = "pipeline/manifest.json";

/** Mode of every directory of a run: evidence may hold what only its owner should read. */
export const DIRECTORY_MODE = 0o700;

/** Mode of every file of a run. */
export const FILE_MODE = 0o600;

/** What the name of every run starts with. */
export const RUN_ID_PREFIX = "loom-run-local-";
