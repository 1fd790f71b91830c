const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/**
 * A size as people write it: `10GB`, `1.5 GiB`, `500MB`, or a number of bytes.
 *
 * @returns Bytes, 0 or more; undefined when it is not a size.
 */
export function parseSize(written: string): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,15}(?:\.\d{1,9})?) ?([a-z]{0,3})$/iu.exec(written) ?? [];
  const factor = UNITS[unit === "" ? "b" : unit.toLowerCase()];
  return digits === undefined || factor === undefined ? undefined : Math.round(Number(digits) * factor);
}
