import { writtenDuration } from "@loom/core";

/**
 * The time left as text: `~1m10s left`. The longer it is, the more it is rounded up. Empty if unknown.
 *
 * @param leftMs - Unit: milliseconds.
 * @param isFinishing - Whether all jobs are over: then the text is `finishing`.
 */
export function timeLeftText(leftMs: number | undefined, isFinishing: boolean): string {
  if (isFinishing) return "finishing";
  if (leftMs === undefined) return "";
  const seconds = Math.max(1, leftMs / 1000);
  const step = seconds < 15 ? 1 : seconds < 60 ? 5 : seconds < 600 ? 10 : 30;
  const rounded = Math.ceil(seconds / step) * step;
  return `~${writtenDuration(rounded * 1000)} left`;
}
