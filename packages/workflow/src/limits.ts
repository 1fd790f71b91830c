/** Largest workflow file, included ones each for themselves. Unit: bytes of UTF-8. */
export const MAX_FILE_BYTES = 1_048_576;

/** Most jobs in one workflow, and most templates. */
export const MAX_JOBS = 10_000;

/** Most jobs that the `matrix` of one job makes. */
export const MAX_MATRIX_JOBS = 200;

/** Most `script` entries of one job. */
export const MAX_STEPS = 1_000;

/** Longest `script` entry. Unit: bytes of UTF-8. */
export const MAX_STEP_BYTES = 65_536;

/** How deep includes may include further files; the main file's own are depth 1. */
export const MAX_INCLUDE_DEPTH = 8;

/**
 * How deep mappings and lists may stand in each other.
 *
 * The format itself needs 6; the rest is room for `invariant`. A bound keeps
 * every recursive walk far from the end of the stack.
 */
export const MAX_NESTING = 64;

/**
 * How large a graph may grow through inheritance. Unit: characters, counted
 * from the texts that jobs inherit.
 *
 * A file of 1 MiB can ask for a graph of its square; this is a hundred times
 * what 10,000 ordinary jobs take.
 */
export const MAX_GRAPH_CHARACTERS = 67_108_864;

/** How many mapping entries inheritance may copy before the chain of parents is called too long. */
export const MAX_MERGED_ENTRIES = 2_000_000;
