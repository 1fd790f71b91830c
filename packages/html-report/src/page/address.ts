/** A place in the report that the address of the page can name. */
export interface LogPlace {
  readonly job: string;
  /** A line of its log, from 1. */
  readonly line?: number;
}

/** A line that a log is to be opened at, by what it says. */
export interface Cause {
  readonly text: string;
  readonly step: number | undefined;
}

const PREFIX = "#log/";

/** The address of a job's log, or of one line of it. */
export function addressOf({ job, line }: LogPlace): string {
  return `${PREFIX}${encodeURIComponent(job)}${line === undefined ? "" : `/${line}`}`;
}

/** The place that an address names; `undefined` where it names none. */
export function logPlaceAt(hash: string): LogPlace | undefined {
  if (!hash.startsWith(PREFIX)) return undefined;
  const [name = "", line = ""] = hash.slice(PREFIX.length).split("/");
  try {
    const job = decodeURIComponent(name);
    return /^[1-9]\d{0,8}$/u.test(line) ? { job, line: Number(line) } : { job };
  } catch {
    return undefined;
  }
}
