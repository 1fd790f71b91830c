import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Row } from "./row.ts";

/** What can be measured alone: a schedule, a compilation, lines of output from the pipe to the verdict, the recognition of errors. */
export type Task = "schedule" | "compile" | "split" | "encode" | "judge" | "recognise";

const SCRIPT = join(import.meta.dirname, "tasks.ts");

const execute = promisify(execFile);

/** A row about a part of Loom alone, in seconds, each time in a process of its own. */
export function inProcess(
  id: string,
  what: string,
  { must, reach, task }: { readonly must: number; readonly reach: number; readonly task: Task },
): Row {
  const loom = async (): Promise<{ wall: number; cpu: number; rss: number }> => {
    const { stdout } = await execute(process.execPath, ["--conditions=@loom/source", SCRIPT, task]);
    return { wall: Number(stdout), cpu: 0, rss: 0 };
  };
  return { id, what, must, reach, compare: () => ({ loom }) };
}
