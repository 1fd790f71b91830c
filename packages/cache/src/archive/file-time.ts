const MICROS = 1_000_000;

/**
 * A time as `utimes` takes it: seconds.
 *
 * A double cannot hold every microsecond as a number of seconds, and Node 22 cuts off what is left of one that is a little
 * earlier. So it is a little later then.
 *
 * @param ms - Milliseconds of Unix time, which `stat` gives to the microsecond.
 */
export function fileTime(ms: number): number {
  const micros = Math.round(ms * 1000);
  const seconds = micros / MICROS;
  const isEarlier = (seconds - Math.trunc(seconds)) * MICROS < micros % MICROS;
  return isEarlier ? (micros + 0.25) / MICROS : seconds;
}
