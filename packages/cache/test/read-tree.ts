import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Everything below a folder, one sorted line each: name and kind, mode, time in microseconds, and content hash. */
export function readTree(folder: string): string[] {
  const lines: string[] = [];
  const visit = (path: Buffer, shown: string): void => {
    for (const name of readdirSync(path, { encoding: "buffer" })) {
      const here = Buffer.concat([path, Buffer.from("/"), name]);
      const stats = lstatSync(here);
      const label = `${shown}${name.toString("latin1")}`;
      const mode = (stats.mode & 0o7777).toString(8);
      const micros = Math.round(stats.mtimeMs * 1000);
      if (stats.isDirectory()) {
        lines.push(`${label}/ ${mode} ${micros}`);
        visit(here, `${label}/`);
      } else if (stats.isSymbolicLink()) lines.push(`${label} -> ${readlinkSync(here, "latin1")} ${micros}`);
      else
        lines.push(
          `${label} ${mode} ${micros} ${createHash("sha256").update(readFileSync(here)).digest("hex")}`,
        );
    }
  };
  visit(Buffer.from(folder), "");
  return lines.sort();
}
