import { relative } from "node:path";
import { chooseLook, createPalette, shouldColor, type ColorFlag, type Tone } from "@loom/reporters";
import { compileOnce, findWorkflow } from "@loom/runner/workflow";
import { cacheHome } from "@loom/system";
import type { DoctorPlace } from "../doctor/doctor-place.ts";
import { examine, type Examined } from "../doctor/examine.ts";
import type { CheckState } from "../doctor/doctor-finding.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { LOOM_VERSION } from "../loom-version.ts";
import { formatJson, printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";
import { projectAt } from "../project-at.ts";

/** The flags of `loom doctor`. */
export interface DoctorFlags {
  readonly workflow?: string;
  readonly json?: boolean;
  readonly color?: ColorFlag;
}

/**
 * Says what works on this machine for Loom, what does not, and what to do.
 *
 * @returns 0, even with warnings; 1 when something does not work.
 */
export async function doctorCommand(flags: DoctorFlags, io: ProcessIo): Promise<number> {
  const checks = await examine(placeOf(flags, io));
  const works = checks.every(({ state }) => state !== "failure");
  if (flags.json === true)
    io.stdout.write(
      formatJson({
        schema_version: "v1",
        kind: "loom-doctor",
        loom_version: LOOM_VERSION,
        works,
        checks: checks.map(asData),
      }),
    );
  else print(checks, flags, io);
  return works ? EXIT_CODE.success : EXIT_CODE.failure;
}

function placeOf({ workflow }: DoctorFlags, { cwd, env, stdin, stdout }: ProcessIo): DoctorPlace {
  const location = findWorkflow(cwd, workflow);
  const caches = cacheHome(env);
  const compile = async (): Promise<Awaited<DoctorPlace["compiled"]>> =>
    location.ok
      ? await compileOnce(location.value, relative(cwd, location.value.workflowPath), caches)
      : undefined;
  const compiled = compile();
  // Each check that awaits it says so.
  compiled.catch(() => undefined);
  return {
    cwd,
    env,
    stdin,
    stdout,
    projectRoot: location.ok ? location.value.repoRoot : projectAt(cwd),
    cacheHome: caches,
    workflowFlag: workflow,
    location,
    compiled,
  };
}

function asData(check: Examined): object {
  const { name, subject, state, found } = check;
  return {
    name,
    ...(subject !== undefined && { subject }),
    state,
    found,
    ...(check.state !== "ok" && { advice: check.advice }),
  };
}

const TONES: { readonly [S in CheckState]: Tone } = {
  ok: "success",
  note: "dim",
  warning: "allowed",
  failure: "failed",
};

const SIGNS: { readonly [S in CheckState]: string } = { ok: "✓", note: "·", warning: "!", failure: "✗" };

const ASCII_SIGNS: typeof SIGNS = { ok: "+", note: "-", warning: "!", failure: "x" };

function print(checks: readonly Examined[], flags: DoctorFlags, { stdout, env }: ProcessIo): void {
  const colored = shouldColor({ flag: flags.color ?? "auto", env, isTerminal: stdout.isTTY === true });
  const palette = createPalette(colored ? "ansi16" : "none");
  const look = chooseLook({}, env, colored);
  const signs = look.ok && look.value.ascii ? ASCII_SIGNS : SIGNS;
  const titles = checks.map(titleOf);
  const width = Math.max(...titles.map(({ length }) => length));
  for (const [index, check] of checks.entries()) {
    const title = printable(titles[index] ?? "").padEnd(width);
    const sign = palette.paint(TONES[check.state], signs[check.state]);
    stdout.write(`${sign} ${title}  ${oneLine(check.found)}\n`);
    if (check.state !== "ok") stdout.write(`${" ".repeat(width + 4)}${oneLine(check.advice)}\n`);
  }
  stdout.write(`\n${palette.paint("bold", verdictOf(checks))}\n`);
}

function titleOf({ name, subject }: Examined): string {
  return subject === undefined ? name : `${name} ${subject}`;
}

/** A path may have more than one line. */
function oneLine(text: string): string {
  return printable(text.replaceAll("\n", "\\n"));
}

function verdictOf(checks: readonly Examined[]): string {
  const count = (state: CheckState): number => checks.filter((check) => check.state === state).length;
  const warnings = count("warning");
  const besides = warnings === 0 ? "" : `, with ${warnings} warning${warnings === 1 ? "" : "s"}`;
  const failures = count("failure");
  if (failures === 0) return `Loom works here${besides}`;
  return `${failures} of ${checks.length} checks failed${besides}`;
}
