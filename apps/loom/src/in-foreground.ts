import { processView, readProcessStat, seeByPs, type ProcessView } from "@loom/system";

/**
 * Whether this process is in the foreground of its terminal, where it may
 * change the screen and read keys. One that was started with `&` may not: the
 * system stops it when it tries.
 *
 * @param view - How processes are looked at. Default: as it can be here.
 * @returns True, too, where the system does not say.
 */
export function isInForeground(view: ProcessView = processView()): boolean {
  const seen = view === "proc" ? readProcessStat(process.pid) : seeByPs(process.pid);
  // No terminal at all: -1 on Linux, 0 elsewhere.
  return seen === undefined || seen.foregroundGroup <= 0 || seen.group === seen.foregroundGroup;
}
