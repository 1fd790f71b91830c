import { Session } from "node:inspector";

/**
 * Counts how often the blocks of a source are run while something happens, as
 * the engine itself counts: what a loop over all jobs costs, which time does
 * not tell reliably. Loops inside of built-in functions without a callback are
 * not seen, nor is code that ran before this is called.
 *
 * @param source - End of the file's path; or, ending in `/`, a part of the paths of several.
 */
export function countBlocks(source: string): (act: () => void) => number {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  // What is taken is counted from zero again.
  const take = (): number => {
    let count = 0;
    session.post("Profiler.takePreciseCoverage", (error, coverage) => {
      if (error !== null) throw error;
      const scripts = coverage.result.filter(({ url }) =>
        source.endsWith("/") ? url.includes(source) : url.endsWith(source),
      );
      for (const { ranges } of scripts.flatMap(({ functions }) => functions)) {
        for (const range of ranges) count += range.count;
      }
    });
    return count;
  };
  return (act) => {
    take();
    act();
    return take();
  };
}
