import { appendFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { cleanLine } from "@loom/reporters/view";
import { decodeLogLine } from "./log-line.ts";
import type { LineSource, ScanPlace } from "./line-source.ts";

/** Bytes converted in one turn of the event loop. */
const SLICE_BYTES = 512 * 1024;

/**
 * Writes a log as plain text into a new temporary folder, for an editor.
 *
 * @param name - Name of the file, without its extension.
 * @returns Absolute path of the file. Other users cannot read it. The caller removes its folder.
 */
export async function exportLog(source: LineSource, name: string): Promise<string> {
  const path = join(
    mkdtempSync(join(tmpdir(), "loom-")),
    `${basename(name.replaceAll(/[^\w.-]+/g, "-"))}.log`,
  );
  appendFileSync(path, "");
  for (let place: ScanPlace = { row: 0, offset: 0 }; ;) {
    let text = "";
    const next = source.scan(place, SLICE_BYTES, (row, json) => {
      const line = decodeLogLine(row, json);
      const job = source.jobOf?.(row);
      if (job !== undefined) text += `${job} │ `;
      if (line.stream === "cmd") text += `${cleanLine(line.text, { color: false })}\n`;
      else text += `${line.stream === "sys" ? `[${line.text}]` : cleanLine(line.text, { color: false })}\n`;
    });
    appendFileSync(path, text);
    if (next.offset === place.offset) return path;
    place = next;
    await setImmediate();
  }
}
