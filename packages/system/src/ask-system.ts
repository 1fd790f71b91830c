import { execFile, spawnSync } from "node:child_process";

/**
 * As every process here has to see the same text: neither language nor time zone of whoever asks counts, nor which
 * programs come first on their PATH.
 */
const ENVIRONMENT = { LC_ALL: "C", TZ: "UTC0", PATH: "/bin:/usr/bin:/sbin:/usr/sbin" };

/** More than the process table of a busy machine with all environments. Bytes. */
const MAX_BYTES = 64 * 1024 * 1024;

/** A program of the system that does not answer in this time has hung. Milliseconds. */
const PATIENCE_MS = 10_000;

const OPTIONS = { env: ENVIRONMENT, maxBuffer: MAX_BYTES, timeout: PATIENCE_MS };

/** What a program of the system says; `undefined` where there is none, or it fails. */
export function askSystemNow(program: string, args: readonly string[]): string | undefined {
  const { stdout, status } = spawnSync(program, args, { ...OPTIONS, encoding: "utf8" });
  return status === 0 ? stdout : undefined;
}

/** What a program of the system says; resolves to `undefined` where there is none, or it fails. */
export function askSystem(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    try {
      execFile(program, args, OPTIONS, (error, stdout) => resolve(error === null ? stdout : undefined));
    } catch {
      // Depending on the cause, Node throws: too many files are open, for example.
      resolve(undefined);
    }
  });
}
