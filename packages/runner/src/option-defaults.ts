import { cacheHome, type Environment } from "@loom/system";

/** What options say of the user's own place. */
interface UserOptions {
  readonly env?: Environment | undefined;
  readonly cacheHome?: string | undefined;
}

/** The given environment, or that of the process. */
export function environmentOf({ env }: UserOptions): Environment {
  // oxlint-disable-next-line no-restricted-properties -- The default, for a program that gives none.
  return env ?? process.env;
}

/** The user's folder for caches. Absolute. */
export function cacheHomeOf(options: UserOptions): string {
  return options.cacheHome ?? cacheHome(environmentOf(options));
}

/** @throws When it is not a whole number of 1 or more: a bug of the caller. */
export function requireConcurrency(concurrency = 1): void {
  if (!Number.isSafeInteger(concurrency) || concurrency < 1)
    throw new Error(`Cannot start a run: concurrency is ${concurrency}, not a whole number of 1 or more`);
}
