import type { Complain, SimulationRun } from "../simulated-run.ts";

/** docs/contract.md#documents: two spaces, a final newline, no `null`, and never partial. */
export function checkDocuments(run: SimulationRun, complain: Complain): ReadonlyMap<string, Json> {
  const documents = new Map<string, Json>();
  const files: [string, Uint8Array][] = [...run.image];
  if (run.receipt !== undefined) files.push(["receipt", run.receipt]);
  for (const [path, bytes] of files) {
    if (path.endsWith(".jsonl") || isTemporary(path)) continue;
    const text = Buffer.from(bytes).toString("utf8");
    const parsed = parse(text);
    if (parsed === undefined) complain("no document is partial", path);
    else if (`${JSON.stringify(parsed, undefined, 2)}\n` !== text || text.includes(": null"))
      complain("documents have their form", path);
    else documents.set(path, parsed);
  }
  return documents;
}

/** A JSON object of unknown shape. */
export type Json = { readonly [key: string]: unknown };

/** Whether a file is a temporary one, still being written. */
export function isTemporary(path: string): boolean {
  return path.endsWith(".tmp");
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
