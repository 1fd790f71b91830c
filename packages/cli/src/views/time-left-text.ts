import { writtenDuration } from "@loom/core";

/**
 * A time left as people say it: `~1m10s left`. Coarser the longer it is.
 *
 * @param isFinishing - Whether nothing is left to run.
 */
export function timeLeftText(leftMs: number | undefined, isFinishing: boolean): string {
  if (isFinishing) return "finishing";
  if (leftMs === undefined) return "";
  const seconds = Math.max(1, leftMs / 1000);
  const step = seconds < 15 ? 1 : seconds < 60 ? 5 : seconds < 600 ? 10 : 30;
  const rounded = Math.ceil(seconds / step) * step;
  return `~${writtenDuration(rounded * 1000)} left`;
}
