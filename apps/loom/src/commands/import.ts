import { lstatSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { err, ok, type Result } from "@loom/core";
import { decode, findRepository, readInclude, WORKFLOW_PATH } from "@loom/runner/workflow";
import { openRegularFile, systemErrorReason } from "@loom/system";
import { importWorkflow, MAX_IMPORT_BYTES } from "@loom/workflow/import";
import { EXIT_CODE } from "../exit-code.ts";
import { formatJson, printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";
import { STDOUT_PATH } from "../stdout-path.ts";
import { writeWorkflow, type NotWritten } from "../write-workflow.ts";

/** The flags of `loom import`. */
export interface ImportFlags {
  /** Where the workflow goes; `-` is the standard output. Default: `.loom/workflow.yml` of the repository that holds the file. */
  readonly out?: string;
  /** Writes over what is there. */
  readonly force?: boolean;
  /** Prints what was made and what was not as JSON on stdout. */
  readonly json?: boolean;
}

/**
 * Turns a configuration of GitLab or GitHub Actions into a workflow, and says line by line what it could not carry over.
 *
 * @returns 0, also with gaps; 1 for a file that cannot be read or is no such configuration; 2 where there is a file already.
 */
export async function importCommand(file: string, flags: ImportFlags, io: ProcessIo): Promise<number> {
  const { cwd, stdout, stderr } = io;
  const path = resolve(cwd, file);
  const root = findRepository(dirname(path)) ?? cwd;
  const shown = (place: string): string => relative(cwd, place) || ".";
  const refuse = ({ message, exitCode }: NotWritten): number => {
    stderr.write(printable(`loom: ${message}\n`));
    return exitCode;
  };
  const isPrinted = flags.out === STDOUT_PATH;
  if (isPrinted && flags.json === true)
    return refuse({
      exitCode: EXIT_CODE.usage,
      message: "Cannot print both the workflow and JSON: leave out --json, or name a file with --out",
    });
  const out = flags.out === undefined ? join(root, WORKFLOW_PATH) : resolve(cwd, flags.out);
  const isTaken = !isPrinted && lstatSync(out, { throwIfNoEntry: false }) !== undefined;
  if (isTaken && flags.force !== true) return refuse(alreadyThere(shown(out)));
  const text = await readText(path, file);
  if (!text.ok) return refuse(text.error);
  const source = { path: shown(path), text: text.value };
  const imported = importWorkflow({
    ...source,
    readInclude: (included) => {
      const size = lstatSync(join(root, included), { throwIfNoEntry: false })?.size ?? 0;
      const reason = `it is larger than ${MAX_IMPORT_BYTES} bytes`;
      return size > MAX_IMPORT_BYTES ? err({ code: "unreadable", reason }) : readInclude(root, included);
    },
  });
  if (!imported.ok) {
    const { line, message } = imported.error;
    const where = imported.error.file === source.path ? `${file}:${line}` : imported.error.file;
    return refuse({ exitCode: EXIT_CODE.failure, message: `Cannot import "${where}": ${message}` });
  }
  const { kind, jobs, notes, text: workflow } = imported.value;
  const written = isPrinted
    ? ok("written" as const)
    : writeWorkflow(out, workflow, { force: flags.force === true, shown });
  if (!written.ok) return refuse(written.error);
  if (written.value === "taken") return refuse(alreadyThere(shown(out)));
  const gaps = notes.map((note) => ({
    ...note,
    file: note.file === source.path ? note.file : shown(join(root, note.file)),
  }));
  for (const gap of gaps) stderr.write(printable(`${gap.file}:${gap.line}: ${gap.message}\n`));
  if (isPrinted) {
    stdout.write(printable(workflow));
    return EXIT_CODE.success;
  }
  if (flags.json === true) {
    const data = {
      schema_version: "v1",
      kind: "loom-import",
      from: kind,
      workflow_path: shown(out),
      jobs,
      gaps,
    };
    stdout.write(formatJson(data));
    return EXIT_CODE.success;
  }
  const counted = jobs.length === 1 ? "1 job" : `${jobs.length} jobs`;
  const said =
    gaps.length === 0
      ? "nothing was left out"
      : `${gaps.length === 1 ? "1 line says" : `${gaps.length} lines say`} what is different`;
  stdout.write(printable(`wrote  ${shown(out)}: ${counted}; ${said}\nnext   loom check, then loom run\n`));
  return EXIT_CODE.success;
}

async function readText(path: string, file: string): Promise<Result<string, NotWritten>> {
  const cannot = (why: string): Result<never, NotWritten> =>
    err({ exitCode: EXIT_CODE.failure, message: `Cannot read "${file}": ${why}` });
  try {
    const handle = await openRegularFile(path);
    try {
      if ((await handle.stat()).size > MAX_IMPORT_BYTES)
        return cannot(`it is larger than ${MAX_IMPORT_BYTES} bytes`);
      const text = decode(await handle.readFile());
      return text === undefined ? cannot("it is not UTF-8") : ok(text);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    return cannot(systemErrorReason(cause));
  }
}

function alreadyThere(path: string): NotWritten {
  const message = `Cannot write "${path}": it is there already. Write over it with --force, or elsewhere with --out PATH`;
  return { exitCode: EXIT_CODE.usage, message };
}
