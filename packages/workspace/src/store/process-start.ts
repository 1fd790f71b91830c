import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";

/**
 * When a process was started, in a form that only compares; with the number it names a process for good.
 *
 * @returns `undefined` when there is no such process, or the system does not say.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") return linuxStart(pid);
  return new Promise((resolve) => {
    execFile(
      "ps",
      ["-o", "lstart=", "-p", String(pid)],
      { env: { LC_ALL: "C", PATH: "/bin:/usr/bin" } },
      (error, stdout) => {
        const text = stdout.trim();
        resolve(error === null && text !== "" ? text : undefined);
      },
    );
  });
}

async function linuxStart(pid: number): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, "latin1");
    // The name before it stands in brackets and may hold anything, brackets too.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
