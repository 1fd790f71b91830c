import { writtenDuration } from "@loom/core";

/** A time left as people say it: `~1m10s left`, `finishing`. Coarser the longer it is. */
export function timeLeftText(leftMs: number | undefined): string {
  if (leftMs === undefined) return "";
  const seconds = leftMs / 1000;
  if (seconds < 3) return "finishing";
  const step = seconds < 15 ? 1 : seconds < 60 ? 5 : seconds < 600 ? 10 : 30;
  const rounded = Math.ceil(seconds / step) * step;
  return `~${writtenDuration(rounded * 1000)} left`;
}
