const UNITS = ["kB", "MB", "GB", "TB"] as const;

/** An amount of bytes for people: `512 bytes`, `4.1 kB`, `1.2 GB`. A thousand of one unit are one of the next. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  let [value, unit] = [bytes / 1000, 0];
  // As it is shown: 999.96 kB would become 1000.0.
  while (Number(value.toFixed(1)) >= 1000 && unit < UNITS.length - 1)
    [value, unit] = [value / 1000, unit + 1];
  return `${value.toFixed(1)} ${UNITS[unit] ?? ""}`;
}
