import { relative } from "node:path";
import type { Command } from "commander";
import { commandsOf, optionsOf, typedPlace, type TypedPlace } from "../completion/typed-place.ts";
import { printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";
import { SCHEMAS } from "../schemas/schema-names.ts";

/** Past runs that are offered. */
const MAX_RUNS = 30;

/** What a word can be completed to. */
interface Candidate {
  readonly value: string;
  readonly meaning?: string;
}

/**
 * Prints what the last of the words can be completed to, for a script of `loom completion`: a candidate a line, and its
 * meaning after a tab. Prints nothing where it does not know, or cannot find out: somebody is at a prompt.
 */
export async function completeCommand(
  words: readonly string[],
  program: Command,
  io: ProcessIo,
): Promise<void> {
  try {
    const place = typedPlace(program, words);
    const lines = (await candidatesAt(place, program, io))
      .filter(({ value }) => value.startsWith(place.text))
      .map(({ value, meaning = "" }) => `${printable(place.before + value)}\t${printable(meaning)}\n`);
    io.stdout.write(lines.join(""));
  } catch {
    // Nothing is completed.
  }
}

async function candidatesAt(
  place: TypedPlace,
  program: Command,
  io: ProcessIo,
): Promise<readonly Candidate[]> {
  if (place.takesOptions) {
    return optionsOf(place.command).map(({ long, short, description }) => ({
      value: long ?? short ?? "",
      meaning: description,
    }));
  }
  const commands = place.takesCommands ? namesOf(commandsOf(place.command)) : [];
  const named = place.option ?? place.argument;
  if (named === undefined) return commands;
  const choices = named.argChoices?.map((value) => ({ value }));
  return [...commands, ...(choices ?? (await valuesOf(named.name(), place, program, io)))];
}

/** The things that an option or an argument of this name can name. */
async function valuesOf(
  name: string,
  place: TypedPlace,
  program: Command,
  io: ProcessIo,
): Promise<readonly Candidate[]> {
  if (name === "command") return namesOf(commandsOf(program));
  if (name === "name") return SCHEMAS.map((schema) => ({ value: schema.name, meaning: schema.help }));
  if (name === "job") return await jobsOf(place, io);
  return name === "run" ? await pastRuns(io) : [];
}

function namesOf(commands: readonly Command[]): Candidate[] {
  return commands.map((command) => ({ value: command.name(), meaning: command.description() }));
}

async function jobsOf({ workflow }: TypedPlace, { cwd, env }: ProcessIo): Promise<readonly Candidate[]> {
  const { compileOnce, findWorkflow } = await import("@loom/runner/workflow");
  const { cacheHome } = await import("@loom/system");
  const location = findWorkflow(cwd, workflow);
  if (!location.ok) return [];
  const shown = relative(cwd, location.value.workflowPath);
  const compiled = await compileOnce(location.value, shown, cacheHome(env));
  if (!compiled.ok) return [];
  const candidates = new Map<string, Candidate>();
  for (const { id, stage, matrix } of compiled.value.graph.nodes) {
    const names = matrix === undefined ? [id] : [matrix.job, id];
    for (const value of names) candidates.set(value, { value, meaning: `stage ${stage}` });
  }
  return [...candidates.values()];
}

async function pastRuns({ cwd }: ProcessIo): Promise<readonly Candidate[]> {
  const { findRunsRoot, listRuns } = await import("@loom/artifacts");
  const root = findRunsRoot(cwd);
  const listed = root === undefined ? undefined : await listRuns(root);
  if (listed?.ok !== true || listed.value.length === 0) return [];
  const runs = listed.value.slice(0, MAX_RUNS).map(({ runId, namedAtMs }) => ({
    value: runId,
    meaning: `${new Date(namedAtMs).toISOString().slice(0, 19).replace("T", " ")}Z`,
  }));
  return [{ value: "last", meaning: "the newest run" }, ...runs];
}
