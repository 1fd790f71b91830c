import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** The calls by which evidence changes on disk. */
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

/** What stands for SIGKILL: nothing that comes after it changes the disk. */
export class Killed extends Error {}

/**
 * Runs work that is killed at one of its calls that change the disk: that one
 * has no effect any more, and neither has any other.
 *
 * It is this very process that does the work: what it had noted as its own is
 * noted as that of a process that has ended, as of one that was killed.
 *
 * @param call - Number of the call, from 1.
 * @returns Whether it was killed; false when it made fewer calls.
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
  // A process that was killed has no timers: what it had pending stays pending.
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
 * Runs work of which one call that changes the disk is refused, as by a disk
 * that is full for a moment.
 *
 * @param call - Number of the call, from 1.
 * @returns Whether it came to that call, and what the work gave.
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
        // A handle is given back whatever happens to the disk.
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

/** Makes a claim that this process placed one of a process that has ended. */
export function endOwner(claimPath: string): void {
  if (!fs.existsSync(claimPath)) return;
  const mark = JSON.parse(fs.readFileSync(claimPath, "utf8")) as object;
  fs.writeFileSync(claimPath, JSON.stringify({ ...mark, started: "1" }));
}
