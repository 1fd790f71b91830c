/** How `loom` ends, beside the results of a run: 0, 1, 129, 130 and 143. Source: the command line contract. */
export const EXIT_CODE = {
  success: 0,
  /** A failed run, an invalid workflow, an invalid run directory. */
  failure: 1,
  /** A flag or an argument that makes no sense, or a file that is not there. */
  usage: 2,
  /** The run goes on by itself, with jobs that are held. */
  held: 77,
  /** A bug in Loom. */
  internal: 70,
} as const;
