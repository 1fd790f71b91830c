import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** The calls that change evidence on disk. */
const CHANGING = [
  "closeSync",
  "linkSync",
  "mkdirSync",
  "renameSync",
  "rmSync",
  "truncateSync",
  "writeFileSync",
  "writeSync",
] as const;

/** Stands for SIGKILL: nothing after it changes the disk. */
export class Killed extends Error {}

/**
 * Runs work that is killed at one of its calls that change the disk: neither that call nor any later one has an effect.
 *
 * The work runs in this process: use `endOwner` to mark what it claimed as owned by a process that has ended.
 *
 * @param call - The call's number, from 1.
 * @returns Whether it was killed; false if it made fewer calls.
 */
export async function killAtCall(call: number, work: () => Promise<unknown>): Promise<boolean> {
  const real = new Map(CHANGING.map((name) => [name, fs[name]]));
  let calls = 0;
  for (const [name, original] of real) {
    Object.assign(fs, {
      [name]: (...args: unknown[]): unknown => {
        calls += 1;
        if (calls >= call) throw new Killed(`killed at call ${call}, ${name}`);
        return Reflect.apply(original, fs, args);
      },
    });
  }
  syncBuiltinESMExports();
  // A killed process has no timers: what was pending stays pending.
  const { setTimeout: realTimeout } = globalThis;
  const timeout = (callback: () => void, delayMs?: number): NodeJS.Timeout =>
    realTimeout(() => {
      if (calls < call) callback();
    }, delayMs);
  Object.assign(globalThis, { setTimeout: timeout });
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  } finally {
    Object.assign(globalThis, { setTimeout: realTimeout });
    Object.assign(fs, Object.fromEntries(real));
    syncBuiltinESMExports();
  }
  return calls >= call;
}

/**
 * Runs work with one of its disk-changing calls refused, as by a disk that is briefly full.
 *
 * @param call - The call's number, from 1.
 * @returns Whether that call was reached, and the work's result.
 */
export async function refuseAtCall<T>(
  call: number,
  work: () => Promise<T>,
): Promise<{ readonly isRefused: boolean; readonly result: T }> {
  const real = new Map(CHANGING.map((name) => [name, fs[name]]));
  let calls = 0;
  for (const [name, original] of real) {
    Object.assign(fs, {
      [name]: (...args: unknown[]): unknown => {
        // Closing a handle works whatever happens to the disk.
        if (name !== "closeSync") calls += 1;
        if (name === "closeSync" || calls !== call) return Reflect.apply(original, fs, args);
        throw Object.assign(new Error(`ENOSPC: no space left on device, ${name}`), {
          code: "ENOSPC",
          errno: -28,
          syscall: name.replace("Sync", ""),
        });
      },
    });
  }
  syncBuiltinESMExports();
  try {
    return { result: await work(), isRefused: calls >= call };
  } finally {
    Object.assign(fs, Object.fromEntries(real));
    syncBuiltinESMExports();
  }
}

/** Rewrites this process's claim as that of a process that has ended. */
export function endOwner(claimPath: string): void {
  if (!fs.existsSync(claimPath)) return;
  const mark = JSON.parse(fs.readFileSync(claimPath, "utf8")) as object;
  fs.writeFileSync(claimPath, JSON.stringify({ ...mark, started: "1" }));
}
