const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** A number of bytes for people, in decimal units: `512 B`, `1.2 MB`. */
export function shownBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit]}`;
}
