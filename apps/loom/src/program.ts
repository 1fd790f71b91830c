import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { ColorFlag } from "@loom/reporters";
import { REPORTER_NAMES, REPORTERS } from "@loom/reporters/table";
import { MAX_DURATION_MS, parseDuration, PAST_RUN_STATUSES, PAUSE_TIMEOUT_MS } from "@loom/core";
import { loadInstalled } from "@loom/system";
import type { GraphFormat } from "@loom/workflow";
import { COMPLETION_SCRIPTS, SHELLS, type ShellName } from "./completion/completion-scripts.ts";
import { EXIT_CODE } from "./exit-code.ts";
import { LOOM_VERSION } from "./loom-version.ts";
import { parseSize } from "./parse-size.ts";
import type { CacheClearFlags, CacheListFlags, CachePruneFlags } from "./commands/cache.ts";
import type { CheckFlags } from "./commands/check.ts";
import type { CtlRequest } from "./commands/ctl.ts";
import type { CleanFlags } from "./commands/clean.ts";
import type { ExplainFlags } from "./commands/explain.ts";
import type { DiffFlags } from "./commands/diff.ts";
import type { DoctorFlags } from "./commands/doctor.ts";
import type { BisectFlags } from "./commands/bisect.ts";
import type { FlakyFlags } from "./commands/flaky.ts";
import type { ImportFlags } from "./commands/import.ts";
import type { InitFlags } from "./commands/init.ts";
import { addSecretsCommands } from "./secrets-program.ts";
import type { ReportFlags } from "./commands/report.ts";
import type { ShowFlags } from "./commands/show.ts";
import type { RunsFlags } from "./commands/runs.ts";
import type { ResumeFlags } from "./commands/resume.ts";
import type { WorkerFlags } from "./commands/worker.ts";
import type { WorkersFlags } from "./commands/workers.ts";
import type { LogsFlags } from "./commands/logs.ts";
import type { ProcessIo } from "./process-io.ts";

/**
 * Reads the command line and carries out the command.
 *
 * @returns The exit code; 2 for a command line that makes no sense.
 */
export async function runProgram(io: ProcessIo): Promise<number> {
  let exitCode: number = EXIT_CODE.success;
  let hasRun = false;
  let refusal = "";
  const done: Done = (code, command) => {
    exitCode = code;
    hasRun = command === "run";
  };
  const refuse = (text: string): void => {
    refusal = text;
  };
  const args = argumentsFor(io.argv.slice(1));
  const program = buildProgram(args, io, { done, refuse });
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    exitCode = error.exitCode === 0 ? EXIT_CODE.success : EXIT_CODE.usage;
    const isUnknown = error.code === "commander.unknownCommand";
    io.stderr.write(isUnknown ? await withJobHint(refusal, io) : refusal);
  }
  // A run has its result whoever read it; any other command is what it prints.
  if (exitCode !== EXIT_CODE.success || hasRun) return exitCode;
  // Node reports a failed write one turn later.
  await new Promise((resolve) => setImmediate(resolve));
  return io.guard.lost ? EXIT_CODE.failure : EXIT_CODE.success;
}

/** Whoever leaves `run` out most likely means a job: the one of that name, or one like it if no command is. */
async function withJobHint(refusal: string, { argv, cwd }: ProcessIo): Promise<string> {
  const word = argv.slice(1).find((each) => each !== "help" && !each.startsWith("-"));
  const { runJobHint } = await import("./name-jobs.ts");
  const hint = word === undefined ? undefined : runJobHint(word, { cwd });
  if (hint === undefined) return refusal;
  const [unknown = "", suggestion] = refusal.trimEnd().split("\n");
  const isJob = hint.startsWith(`to run job "${word}"`);
  return suggestion === undefined || isJob ? `${unknown}\nloom: ${hint}\n` : refusal;
}

/** `loom` alone, or with flags of `run` only, means `loom run`; help about what is no command is refused as that is. */
function argumentsFor(args: readonly string[]): readonly string[] {
  const [first, second] = args;
  if (first === "help" && second !== undefined && !second.startsWith("-")) {
    return second === "help" || Object.hasOwn(COMMANDS, second) ? args : [second];
  }
  const isOwn = first === undefined ? false : ["-h", "--help", "--version"].includes(first);
  return first === undefined || (first.startsWith("-") && !isOwn) ? ["run", ...args] : args;
}

/** The program with all its commands, for who describes them: none is carried out. */
export function describeProgram(io: ProcessIo): Command {
  return buildProgram([], io, { done: () => {}, refuse: () => {} });
}

/** Takes how a command ended. */
type Done = (exitCode: number, command?: "run") => void;

/**
 * The program with the one command that the first word names, which is all that is asked of it; with all of them where it
 * names none. To describe all of them to commander takes 4 ms.
 *
 * @param refuse - Takes why a command line makes no sense.
 */
function buildProgram(
  [first = ""]: readonly string[],
  io: ProcessIo,
  { done, refuse }: { readonly done: Done; readonly refuse: (text: string) => void },
): Command {
  const program = new Command("loom")
    .description("Run your CI pipeline on your own machine and keep the evidence.")
    .version(LOOM_VERSION, "--version", "print the version")
    .addHelpText(
      "after",
      "\nExamples:\n  $ loom                 run .loom/workflow.yml\n  $ loom run --job test  run one job and what it needs",
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      outputError: (text) => refuse(text.replace(/^error: /u, "loom: ")),
    })
    .showSuggestionAfterError()
    .enablePositionalOptions();

  const command = (nameAndArgs: string, description: string, example: string): Command =>
    program
      .command(nameAndArgs)
      .description(description)
      .addHelpText("after", `\nExample:\n  $ ${example}`)
      .addOption(colorOption());

  const build: Build = { program, command, io, done };
  // What completes words asks for all of them.
  const all = Object.entries(COMMANDS);
  const named = first === "__complete" ? [] : all.filter(([name]) => name === first);
  for (const [, add] of named.length > 0 ? named : all) add(build);
  return program;
}

/** What a command is added to, and what it needs. */
interface Build {
  readonly program: Command;
  /** Adds a command with an example and what all of them have. */
  readonly command: (nameAndArgs: string, description: string, example: string) => Command;
  readonly io: ProcessIo;
  readonly done: Done;
}

/** Adds each command. They are in the order in which the help names them. */
const COMMANDS: Readonly<Record<string, (build: Build) => void>> = {
  run: ({ command, io, done }) => {
    const run = command("run", "run the workflow", "loom run -j 4 --fail-fast")
      .addOption(workflowOption())
      .option("--dry-run", "print what would run, in which order and for how long; run nothing")
      .option("--watch", "run again whenever files change that git does not ignore")
      .addOption(
        new Option(
          "--local",
          "run everything on this machine (the default where no engine is named)",
        ).conflicts(["engine", "pool"]),
      )
      .addOption(engineOption())
      .option(
        "--engine-timeout <duration>",
        "how long nothing may be heard of these servers before the run is stopped (default: 10m)",
        timeLimit,
      )
      .option("--pool <name>", "have workers of this pool run the jobs that name none", poolName)
      .option("--in-place", "work in the checkout itself, not in a snapshot of it")
      .option("--staged", "work in a snapshot of what is staged, for git hooks")
      .option(
        "--docker-workspace-mount <way>",
        "how jobs in containers see their workspace: ephemeral_volume, a copy in a volume of their own (the default), or bind_mount",
      )
      .option("--no-cache", "restore and save no caches")
      .option("--cache-diff", "run without caches, then with them; fail if that makes a difference")
      .option(
        "-j, --concurrency <n>",
        "how many jobs run at a time (default: the machine's parallelism)",
        wholeNumber,
      )
      .option(
        "--fail-fast",
        "after the first failure without allow_failure, start only jobs that run on failure or always",
      )
      .option(
        "--pause-on-failure",
        "hold a job after a step that failed, until somebody says how it goes on: loom ctl retry-step, continue or cancel",
      )
      .option(
        "--pause-exit",
        "the same, and leave with exit code 77 once only held jobs are left: the run goes on in the background",
      )
      .option(
        "--pause-timeout <duration>",
        "how long a job is held before it fails (default: 30m)",
        timeLimit,
      )
      .option("--job <id...>", "run only these jobs and what they need; a,b names two", jobIds)
      .option("--play <id...>", "also run these jobs with when: manual; a,b names two", jobIds)
      .option(
        "--base <commit>",
        "what the changes in rules are counted from (default: the upstream branch, else the previous commit)",
      )
      .option(
        "--retry-failed [run]",
        "run only what did not succeed in a run (default: the last one); the rest keeps its result, if workflow and files are the same",
      )
      .option(
        "--var <key=value>",
        "set a variable, overriding the workflow's; may be given several times",
        keyValue,
      )
      .option(
        "--grace <duration>",
        "how long a stopped job may take before it is killed (default: 10s)",
        duration,
      )
      .option("--tui", "show the live view; an error without a terminal")
      .option("--no-tui", "print lines instead of the live view");
    for (const row of REPORTERS) if ("flag" in row) run.option(row.flag, `print ${row.help}`);
    run
      .option(
        "--reporter <name>",
        `show the run as tui, ${REPORTER_NAMES.join(", ")}, or with a module; NAME=FILE also writes a file; may be given several times`,
        names,
      )
      .option(
        "--otlp <url>",
        "also send the run as OpenTelemetry spans to this collector (default: OTEL_EXPORTER_OTLP_ENDPOINT, if set)",
      )
      .option("--explain-output", "print on stderr which output was chosen, and why")
      .option(
        "--tui-exit <when>",
        "when the live view closes: auto (after a success), stay or now (default: auto)",
      )
      .option("--theme <name>", "colours: default, cb or cb-light (blue and orange)")
      .option("--ascii", "use ASCII signs only")
      .allowExcessArguments()
      .action(async (flags: Record<string, unknown>, { args: [word] }: Command) => {
        if (word !== undefined) {
          const { runJobHint } = await import("./name-jobs.ts");
          const workflow = typeof flags["workflow"] === "string" ? flags["workflow"] : undefined;
          const hint = runJobHint(word, { cwd: io.cwd, workflow }) ?? "jobs are named with --job";
          io.stderr.write(`loom: Cannot understand "${word}" after run: ${hint}\n`);
          done(EXIT_CODE.usage);
          return;
        }
        if (flags["dryRun"] === true) {
          const { dryRunCommand } = await import("./commands/dry-run.ts");
          done(await dryRunCommand(flags, io));
          return;
        }
        if (flags["watch"] === true) {
          const { watchCommand } = await import("./commands/watch.ts");
          done(await watchCommand(flags, io), "run");
          return;
        }
        const { runCommand } = await import("./commands/run.ts");
        done(await runCommand(flags, io), "run");
      });
  },
  resume: ({ command, io, done }) => {
    command("resume [run]", "go on with a run whose loom was killed while its jobs ran", "loom resume last")
      .addOption(engineOption())
      .option(
        "--var <key=value>",
        "a variable that the run was started with, whose value is not recorded; may be given several times",
        keyValue,
      )
      .option("--tui", "show the live view; an error without a terminal")
      .option("--no-tui", "print lines instead of the live view")
      .action(async (run: string | undefined, flags: ResumeFlags) => {
        const { resumeCommand } = await import("./commands/resume.ts");
        done(await resumeCommand(run ?? "last", flags, io), "run");
      });
  },
  init: ({ command, io, done }) => {
    command("init", "write a workflow to begin with, fitted to this project", "loom init --agents")
      .option("--print", "print it, and write nothing")
      .addOption(
        new Option(
          "--agents",
          "tell coding agents about it in AGENTS.md, in a section that is replaced the next time; a workflow that is there stays",
        ).conflicts("print"),
      )
      .action(async (flags: InitFlags) => {
        const { initCommand } = await import("./commands/init.ts");
        done(initCommand(flags, io));
      });
  },
  import: ({ command, io, done }) => {
    command(
      "import <file>",
      "turn a .gitlab-ci.yml or a workflow of GitHub Actions into a workflow, and say what is different",
      "loom import .gitlab-ci.yml",
    )
      .option("--out <path>", "where it goes (default: .loom/workflow.yml of its repository); - prints it")
      .option("--force", "write over what is there")
      .option("--json", "print what was made, and what was not, as JSON")
      .action(async (file: string, flags: ImportFlags) => {
        const { importCommand } = await import("./commands/import.ts");
        done(await importCommand(file, flags, io));
      });
  },
  config: ({ program, io, done }) => {
    const config = program
      .command("config")
      .description("show where each setting comes from, and write a file to begin with")
      .addHelpText("after", "\nExample:\n  $ loom config show");
    config
      .command("show")
      .description("show each setting, its value and where it comes from")
      .option("--json", "print it as JSON")
      .action(async (flags: { json?: boolean }) => {
        const { configShowCommand } = await import("./commands/config.ts");
        done(await configShowCommand(flags, io));
      });
    config
      .command("init")
      .description("write .loom/config.yml with every setting explained; never overwrites")
      .option("--user", "write the file of your own, for all projects")
      .action(async (flags: { user?: boolean }) => {
        const { configInitCommand } = await import("./commands/config.ts");
        done(configInitCommand(flags, io));
      });
  },
  check: ({ command, io, done }) => {
    command("check", "validate the workflow", "loom check --workflow ci/workflow.yml")
      .addOption(workflowOption())
      .option("--json", "print what was found as JSON on stdout")
      .option("--strict", "fail for warnings too")
      .allowExcessArguments()
      .action(async (flags: CheckFlags, { args: [file] }: Command) => {
        if (file !== undefined) return refuseFile(file, io, done);
        const { checkCommand } = await import("./commands/check.ts");
        done(await checkCommand(flags, io));
      });
  },
  doctor: ({ command, io, done }) => {
    command(
      "doctor",
      "say what works on this machine for loom, what does not, and what to do",
      "loom doctor --json",
    )
      .addOption(workflowOption())
      .option("--json", "print it as JSON")
      .action(async (flags: DoctorFlags) => {
        const { doctorCommand } = await import("./commands/doctor.ts");
        done(await doctorCommand(flags, io));
      });
  },
  compile: ({ command, io, done }) => {
    command("compile", "print the compiled workflow (Graph IR)", "loom compile > graph.json")
      .addOption(workflowOption())
      .addOption(
        new Option("--format <format>", "output format")
          .choices(["json", "mermaid", "dot", "tree"])
          .default("json"),
      )
      .allowExcessArguments()
      .action(async (flags: { workflow?: string; format?: GraphFormat }, { args: [file] }: Command) => {
        if (file !== undefined) return refuseFile(file, io, done);
        const { compileCommand } = await import("./commands/compile.ts");
        done(compileCommand(flags, io));
      });
  },
  verify: ({ command, io, done }) => {
    command(
      "verify <run>",
      "check the evidence of a run: its directory, its receipt, its id, or last",
      "loom verify last",
    )
      .option("--json", "print the whole report")
      .option("--full", "list sections and steps too")
      .action(async (run: string, flags: { json?: boolean; full?: boolean }) => {
        const { verifyCommand } = await import("./commands/verify.ts");
        done(await verifyCommand(run, flags, io));
      });
  },
  runs: ({ command, io, done }) => {
    command("runs", "list the runs of this repository, the newest first", "loom runs --limit 5")
      .option("--json", "print them as JSON")
      .option("-n, --limit <n>", "how many", wholeNumber, 20)
      .addOption(new Option("--status <status>", "only those that ended so").choices(PAST_RUN_STATUSES))
      .option("--job <id>", "only those in which this job failed")
      .action(async (flags: RunsFlags) => {
        const { runsCommand } = await import("./commands/runs.ts");
        done(await runsCommand(flags, io));
      });
  },
  show: ({ command, io, done }) => {
    command(
      "show [run]",
      "show one run: the live view of its evidence, or lines without a terminal",
      "loom show last~1",
    )
      .option("--json", "print its jobs as JSON")
      .option("--no-tui", "print lines even in a terminal")
      .option("--theme <name>", "colours: default, cb or cb-light (blue and orange)")
      .option("--ascii", "use ASCII signs only")
      .action(async (run: string | undefined, flags: ShowFlags) => {
        const { showCommand } = await import("./commands/show.ts");
        done(await showCommand(run, flags, io));
      });
  },
  explain: ({ command, io, done }) => {
    command("explain [run]", "say why a run ended as it did, and what to open next", "loom explain last")
      .option("--json", "print it as JSON, at most 4 KiB")
      .option("--job <id>", "say why one job failed, ran, waited or was skipped")
      .option("--all", "explain every job that failed")
      .action(async (run: string | undefined, flags: ExplainFlags) => {
        const { explainCommand } = await import("./commands/explain.ts");
        done(await explainCommand(run, flags, io));
      });
  },
  report: ({ command, io, done }) => {
    command("report [run]", "write a report about one run to a file", "loom report last --html report.html")
      .option(
        "--html <file>",
        "one page that needs no network: failures, jobs, graph, timeline and logs, for any browser; - prints it",
      )
      .option("--no-logs", "leave the logs out of the page")
      .option(
        "--trace <file>",
        "what took how long, for https://ui.perfetto.dev or chrome://tracing; - prints it",
      )
      .action(async (run: string | undefined, flags: ReportFlags) => {
        const { reportCommand } = await import("./commands/report.ts");
        done(await reportCommand(run, flags, io));
      });
  },
  diff: ({ command, io, done }) => {
    command("diff [before] [after]", "show what differs between two runs", "loom diff last~1 last")
      .option("--json", "print it as JSON")
      .action(async (before: string | undefined, after: string | undefined, flags: DiffFlags) => {
        const { diffCommand } = await import("./commands/diff.ts");
        done(await diffCommand({ before: before ?? "last~1", after: after ?? "last" }, flags, io));
      });
  },
  bisect: ({ command, io, done }) => {
    command(
      "bisect <job>",
      "find the commit that broke a job, in snapshots of commits",
      "loom bisect unit --good v1.4.0",
    )
      .addOption(workflowOption())
      .option("--good <rev>", "a commit on which the job passes")
      .option("--bad <rev>", "a commit on which it fails (default: HEAD)", "HEAD")
      .option(
        "-j, --concurrency <n>",
        "how many commits are tried at a time (default: the machine's parallelism)",
        wholeNumber,
      )
      .option("--json", "print what was found as JSON")
      .action(async (job: string, flags: BisectFlags) => {
        const { bisectCommand } = await import("./commands/bisect.ts");
        done(await bisectCommand(job, flags, io));
      });
  },
  flaky: ({ command, io, done }) => {
    command(
      "flaky",
      "list the jobs that both passed and failed on the same files",
      "loom flaky --rerun unit -n 20",
    )
      .addOption(workflowOption())
      .option("--limit <n>", "how many runs to look at (default: 200)", wholeNumber)
      .option("--rerun <job>", "run this job again and again, and say how often it failed")
      .option("-n, --times <n>", "with --rerun: how often", wholeNumber, 20)
      .option("--json", "print it as JSON")
      .action(async (flags: FlakyFlags) => {
        const { flakyCommand } = await import("./commands/flaky.ts");
        done(await flakyCommand(flags, io));
      });
  },
  logs: ({ command, io, done }) => {
    command("logs [run] [job] [step]", "print what a run printed, in order", "loom logs last unit --tail 20")
      .option("-f, --follow", "keep printing until the run ends")
      .option("--stderr", "print only what went to stderr")
      .option("--grep <regexp>", "print only lines that match (RE2 syntax)")
      .option("-i, --ignore-case", "ignore upper and lower case in --grep")
      .option("--tail <n>", "print only the last lines", wholeNumber)
      .option("--attempt <n>", "print only this attempt at the job", wholeNumber)
      .option(
        "--since <when>",
        "print only what came since: 10m, or a time such as 2026-01-31T12:00:00Z",
        since,
      )
      .option("--timestamps", "print the time of each line")
      .option("--json", "print each line as an object of JSON")
      .option("--raw", "print everything printed on a line, not only what follows its last \\r")
      .action(
        async (
          run: string | undefined,
          job: string | undefined,
          step: string | undefined,
          flags: LogsFlags,
        ) => {
          const { logsCommand } = await import("./commands/logs.ts");
          done(await logsCommand({ run, job, step }, flags, io));
        },
      );
  },
  recover: ({ command, io, done }) => {
    command(
      "recover <run>",
      "close the evidence of an interrupted run: its directory, its receipt, its id, or last",
      "loom recover last",
    )
      .option(
        "--force",
        "close it even if loom cannot tell whether it is still running (another machine or container)",
      )
      .action(async (run: string, flags: { force?: boolean }) => {
        const { recoverCommand } = await import("./commands/recover.ts");
        done(await recoverCommand(run, flags, io));
      });
  },
  worker: ({ command, io, done }) => {
    command(
      "worker",
      "carry out jobs of runs elsewhere",
      "loom worker --engine nats://ci.example.net --pool linux",
    )
      .addOption(engineOption())
      .option(
        "--pool <name>",
        "a pool whose jobs it takes; may be given several times (default: default)",
        poolNames,
      )
      .option("--slots <n>", "how many jobs at a time (default: the machine's parallelism)", wholeNumber)
      .option(
        "--name <name>",
        "its name, which no other worker has (default: of the machine and the process)",
        workerName,
      )
      .option("--label <key=value>", "what loom workers says of it; may be given several times", label)
      .option(
        "--drain-timeout <duration>",
        "how long what runs may take after SIGTERM before it is handed back (default: 10m)",
        duration,
      )
      .option(
        "--orphan-grace <duration>",
        "how long a job goes on whose run is not heard of any more (default: 10m)",
        duration,
      )
      .action(async (flags: WorkerFlags) => {
        const { workerCommand } = await import("./commands/worker.ts");
        done(await workerCommand(flags, io));
      });
  },
  workers: ({ command, io, done }) => {
    command(
      "workers",
      "list the workers that are there, and what they do",
      "loom workers --engine nats://ci.example.net",
    )
      .addOption(engineOption())
      .option("--json", "print them as JSON")
      .action(async (flags: WorkersFlags) => {
        const { workersCommand } = await import("./commands/workers.ts");
        done(await workersCommand(flags, io));
      });
  },
  clean: ({ command, io, done }) => {
    command(
      "clean",
      "remove the snapshots of this repository, or evidence of its runs",
      "loom clean --runs --keep 20 --older 30d",
    )
      .option("--all", "the snapshots of all repositories")
      .option("--runs", "remove evidence instead: finished runs, and receipts of loom check")
      .option("--keep <n>", "with --runs: keep the newest", wholeNumber)
      .option("--older <duration>", "with --runs: only what is older, such as 30d or 12h", age)
      .option("--json", "print what was removed as JSON")
      .action(async (flags: CleanFlags) => {
        const { cleanCommand } = await import("./commands/clean.ts");
        done(await cleanCommand(flags, io));
      });
  },
  cache: ({ program, io, done }) => {
    const cache = program
      .command("cache")
      .description("list what jobs keep in caches, and free space")
      .addHelpText("after", "\nExample:\n  $ loom cache list");
    const cacheCommand = (name: string, description: string, example: string): Command =>
      cache
        .command(name)
        .description(description)
        .addHelpText("after", `\nExample:\n  $ ${example}`)
        .option("--json", "print it as JSON")
        .addOption(colorOption());

    cacheCommand("list", "list the caches, the most recently used first", "loom cache list --json").action(
      async (flags: CacheListFlags) => {
        const { cacheListCommand } = await import("./commands/cache.ts");
        done(cacheListCommand(flags, io));
      },
    );

    cacheCommand(
      "prune",
      "remove the least recently used caches until the rest fits",
      "loom cache prune --max 2GB",
    )
      .option("--max <size>", "how much may stay (default: 10GB, the limit that runs keep to)", size)
      .action(async (flags: CachePruneFlags) => {
        const { cachePruneCommand } = await import("./commands/cache.ts");
        done(cachePruneCommand(flags, io));
      });

    cacheCommand("clear", "remove the caches of this project", "loom cache clear")
      .option("--all", "remove the caches of all projects")
      .action(async (flags: CacheClearFlags) => {
        const { cacheClearCommand } = await import("./commands/cache.ts");
        done(await cacheClearCommand(flags, io));
      });
  },
  secrets: ({ program, io, done }) => {
    addSecretsCommands(program, io, done);
  },
  ctl: ({ program, io, done }) => {
    const ctl = program
      .command("ctl")
      .description("ask something of a run that goes on")
      .addHelpText("after", "\nExample:\n  $ loom ctl state\n\nWithout a run, it is the last one.");
    const ctlCommand = (name: string, description: string, example: string): Command =>
      ctl.command(name).description(description).addHelpText("after", `\nExample:\n  $ ${example}`);
    const asks = async (run: string | undefined, request: CtlRequest): Promise<void> => {
      const { ctlCommand: ask } = await import("./commands/ctl.ts");
      done(await ask(run, request, io));
    };

    ctlCommand("state [run]", "show what each job is at", "loom ctl state --json")
      .option("--json", "print it as JSON")
      .addOption(colorOption())
      .action(async (run: string | undefined, flags: { json?: boolean; color?: ColorFlag }) =>
        asks(run, { what: "state", ...flags }),
      );

    ctlCommand("events [run]", "print its records as JSON, until it is over", "loom ctl events --from 100")
      .option("--from <seq>", "begin with this number", wholeNumber, 1)
      .action(async (run: string | undefined, { from }: { from: number }) =>
        asks(run, { what: "events", from }),
      );

    ctlCommand("cancel [run]", "stop it, as SIGTERM does", "loom ctl cancel").action(
      async (run: string | undefined) => asks(run, { what: "act", action: { request: "cancel" } }),
    );

    ctlCommand("cancel-job <job> [run]", "stop one job of it", "loom ctl cancel-job e2e").action(
      async (job: string, run: string | undefined) =>
        asks(run, { what: "act", action: { request: "cancel_job", job_id: job } }),
    );

    ctlCommand(
      "pause [run]",
      "from now on, hold a job after a step that failed",
      "loom ctl pause --timeout 1h",
    )
      .option("--timeout <duration>", "how long, before it fails (default: 30m)", timeLimit)
      .action(async (run: string | undefined, { timeout = PAUSE_TIMEOUT_MS }: { timeout?: number }) =>
        asks(run, { what: "act", action: { request: "pause", timeout_ms: timeout } }),
      );

    ctlCommand(
      "retry-step <job> [run]",
      "try the step again after which a job is held (loom run --pause-on-failure)",
      "loom ctl retry-step unit",
    ).action(async (job: string, run: string | undefined) =>
      asks(run, { what: "act", action: { request: "retry_step", job_id: job } }),
    );

    ctlCommand(
      "shell <job> [run]",
      "open a shell in the place of a job that is held; without a terminal, run what is on stdin there",
      "loom ctl shell unit",
    ).action(async (job: string, run: string | undefined) => {
      const { shellCommand } = await import("./commands/ctl-shell.ts");
      done(await shellCommand(job, run, io));
    });

    ctlCommand("continue <job> [run]", "let a job fail that is held", "loom ctl continue unit").action(
      async (job: string, run: string | undefined) =>
        asks(run, { what: "act", action: { request: "continue", job_id: job } }),
    );

    ctlCommand(
      "play <job> [run]",
      "run a manual job that waits to be asked for",
      "loom ctl play deploy",
    ).action(async (job: string, run: string | undefined) =>
      asks(run, { what: "act", action: { request: "play", job_id: job } }),
    );
  },
  mcp: ({ command, io, done }) => {
    command("mcp", "serve an agent over the Model Context Protocol, on stdin and stdout", "loom mcp").action(
      async () => {
        const loaded = await loadInstalled(async () => import("./commands/mcp.ts"));
        if (loaded.ok) return done(await loaded.value.mcpCommand(io));
        io.stderr.write(`loom: Cannot serve agents: ${loaded.error}\n`);
        return done(EXIT_CODE.failure);
      },
    );
  },
  guide: ({ command, io, done }) => {
    command("guide", "say in at most 2 KiB how to use it as an agent", "loom guide").action(async () => {
      const { AGENT_GUIDE } = await import("./guide/agent-guide.ts");
      io.stdout.write(AGENT_GUIDE);
      done(0);
    });
  },
  schema: ({ command, io, done }) => {
    command(
      "schema [name]",
      "print the JSON Schema of a document or a --json output; without a name, list them",
      "loom schema explain",
    ).action(async (name: string | undefined) => {
      const { schemaCommand } = await import("./commands/schema.ts");
      done(await schemaCommand(name, io));
    });
  },
  completion: ({ command, io }) => {
    command(
      "completion",
      "print a script that completes commands, flags, jobs and runs in a shell",
      'eval "$(loom completion bash)"',
    )
      .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
      .action((shell: ShellName) => {
        io.stdout.write(COMPLETION_SCRIPTS[shell]);
      });
  },
  // Asked by those scripts, for nobody else.
  __complete: ({ program, io }) => {
    program.command("__complete [words...]", { hidden: true }).action(async (words: string[]) => {
      const { completeCommand } = await import("./commands/complete.ts");
      await completeCommand(words, program, io);
    });
  },
  // Started by the watch over a run, for nobody else.
  "after-death": ({ program, io, done }) => {
    program
      .command("after-death <run-directory> <pid>", { hidden: true })
      .action(async (directory: string, pid: string) => {
        const { afterDeathCommand } = await import("./commands/after-death.ts");
        done(await afterDeathCommand(directory, pid, io));
      });
  },
  // Started by the watch over a worker, for nobody else.
  "after-worker-death": ({ program, io, done }) => {
    program
      .command("after-worker-death <folder> <pid>", { hidden: true })
      .action(async (folder: string, pid: string) => {
        const { afterWorkerDeathCommand } = await import("./commands/after-worker-death.ts");
        done(await afterWorkerDeathCommand(folder, pid, io));
      });
  },
  version: ({ command, io }) => {
    command("version", "print the version", "loom version").action(() => {
      io.stdout.write(`${LOOM_VERSION}\n`);
    });
  },
};

function refuseFile(file: string, io: ProcessIo, done: Done): void {
  io.stderr.write(`loom: Cannot take "${file}" as an argument: name a file with --workflow ${file}\n`);
  done(EXIT_CODE.usage);
}

function workflowOption(): Option {
  return new Option("--workflow <path>", "workflow file (default: the nearest .loom/workflow.yml)");
}

function colorOption(): Option {
  const choices: readonly ColorFlag[] = ["auto", "always", "never"];
  return new Option("--color <when>", "when to use colours").choices(choices).default("auto");
}

function engineOption(): Option {
  return new Option(
    "--engine <url>",
    "the NATS servers that bring jobs to workers, nats://HOST[,HOST…] (default: LOOM_ENGINE, or engine.url of the configuration)",
  );
}

function poolName(text: string): string {
  if (!/^[a-z][a-z0-9_-]{0,63}$/u.test(text))
    throw new InvalidArgumentError("Give a lower-case letter, then a-z, 0-9, _ or -, at most 64 characters.");
  return text;
}

function poolNames(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, poolName(text)];
}

function workerName(text: string): string {
  if (!/^[\w-]{1,64}$/u.test(text))
    throw new InvalidArgumentError("Give letters, digits, _ and -, at most 64.");
  return text;
}

function label(text: string, earlier: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, key = "", value = ""] = /^([\w.-]+)=(.*)$/u.exec(text) ?? [];
  if (key === "") throw new InvalidArgumentError("Give KEY=VALUE.");
  return { ...earlier, [key]: value };
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/u.test(text) || value < 1 || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("Give a whole number of at least 1.");
  }
  return value;
}

/** No job has a comma in its name. */
function jobIds(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, ...text.split(",").map((id) => id.trim())];
}

function names(name: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, name];
}

function keyValue(text: string, earlier: Readonly<Record<string, string>> = {}): Record<string, string> {
  const equals = text.indexOf("=");
  const key = text.slice(0, Math.max(0, equals));
  if (!/^[A-Z_][A-Z0-9_]*$/u.test(key)) {
    throw new InvalidArgumentError("Give NAME=VALUE, the name in capital letters, digits and underscores.");
  }
  return { ...earlier, [key]: text.slice(equals + 1) };
}

function duration(text: string): number {
  const ms = parseDuration(/^\d+(?:\.\d+)?$/u.test(text) ? Number(text) : text);
  if (ms === undefined) {
    throw new InvalidArgumentError("Give a duration such as 500ms, 5s, 1m30s or a number of seconds.");
  }
  if (ms > MAX_DURATION_MS) throw new InvalidArgumentError("Give at most 596h.");
  return ms;
}

/** A duration that takes time. */
function timeLimit(text: string): number {
  const ms = duration(text);
  if (ms < 1) throw new InvalidArgumentError("Give a duration above 0.");
  return ms;
}

/** A duration of which days may be a part, which no timer waits for. */
function age(text: string): number {
  const [, days = "0", rest = ""] = /^(?:(\d{1,5})d)?(.*)$/u.exec(text) ?? [];
  const ms = text === "" ? undefined : parseDuration(rest === "" ? 0 : rest);
  if (ms === undefined) throw new InvalidArgumentError("Give a duration such as 30d, 12h or 1d12h.");
  return Number(days) * 24 * 60 * 60 * 1000 + ms;
}

/** A moment, as RFC 3339 in UTC with milliseconds; or how many milliseconds ago. */
function since(text: string): string | number {
  if (/^\d{4}-\d{2}-\d{2}/u.test(text)) {
    const ms = Date.parse(text);
    if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  }
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new InvalidArgumentError(
      "Give a duration such as 10m or 1h30m, or a time such as 2026-01-31T12:00:00Z.",
    );
  return ms;
}

function size(text: string): number {
  const bytes = parseSize(text);
  if (bytes === undefined) throw new InvalidArgumentError("Give a size such as 10GB, 500MB or 1.5GiB.");
  return bytes;
}
