import assert from "node:assert/strict";
import { ok, runIdentity, type EventError, type OutputStream, type Result } from "@loom/core";
import type {
  ProcessEnd,
  Provider,
  ProviderRun,
  ProviderSession,
  RunProvider,
  StepSpec,
  StopRequest,
} from "@loom/ports";
import type { ContractCase } from "../contract-case.ts";
import { buildJobSpec, type JobSpecParts } from "./build-job-spec.ts";
import { CollectedOutput } from "./collected-output.ts";
import type { ProviderScripts } from "./provider-scripts.ts";
import {
  createRecordingLog,
  createRecordingSections,
  type RecordedSection,
  type RecordingLog,
  type RecordingSections,
} from "./recording-sections.ts";
import { createStopSwitch } from "./stop-switch.ts";

/** One provider with what the contract suite needs to know of it. */
export interface ProviderUnderTest {
  readonly provider: Provider;
  /** The environment of whoever starts the runs. Default: empty. */
  readonly env?: ProviderRun["env"];
  /** Absolute path of a folder that jobs can work in. Links resolved. */
  readonly workspaceRoot: string;
  /** Where a job sees that folder. Default: at the same path. */
  readonly seenRoot?: string;
  /** Absolute path at which there is no folder. */
  readonly missingRoot: string;
  /** What jobs ask for, such as an image. Default: nothing. */
  readonly node?: JobSpecParts["node"];
  /** Whether its jobs can work in copies of their workspace. Default: false. */
  readonly makesCopies?: boolean;
  /** Whether all of its jobs do, asked or not: as where they work elsewhere. Default: false. */
  readonly alwaysCopies?: boolean;
  /** The real shells that run steps, so that what these leave can be carried on. Default: none, and no job carries anything. */
  readonly carriesIn?: readonly ("sh" | "bash")[];
  /** Absolute path of a folder below which each job gets a private one. Default: none does. */
  readonly privateFolder?: string;
  readonly scripts: ProviderScripts;
  /** Whether a process that a step started still runs. One that ended and is not yet waited for (a zombie) does not. */
  readonly isRunning: (pid: number) => boolean;
  /** Removes what the provider was given. */
  readonly dispose?: () => Promise<void> | void;
}

/** Name of a run that no test has; those of the tests follow. */
const FIRST_RUN = BigInt(process.pid) * 1_000_000_000n;

/** Lines that the back-pressure and completeness tests print to each output. */
const LINES = 5_000;

/** Grace of steps that are expected to use it up. Milliseconds. */
const SHORT_GRACE_MS = 50;

/**
 * What every `Provider` owes, a case for each demand.
 *
 * Cases take some seconds in all, and start processes where the provider does.
 *
 * @param make - Called by each case for a provider of its own.
 */
export function providerContract(
  make: () => Promise<ProviderUnderTest> | ProviderUnderTest,
): readonly ContractCase[] {
  return DEMANDS.map(([name, tryIt]) => ({
    name,
    async run() {
      const stage = new Stage(make);
      try {
        await tryIt(stage);
      } catch (error) {
        // What was not met says more than what could then not be removed.
        await stage.clear().catch(() => undefined);
        throw error;
      }
      await stage.clear();
    },
  }));
}

/** How many runs were opened, so that no two have one name. */
let runs = 0;

/** How many jobs were set up, so that no two have one private folder. */
let jobs = 0;

/** One case under way: makes what it needs, and removes it. */
class Stage {
  readonly #make: () => Promise<ProviderUnderTest> | ProviderUnderTest;
  readonly #cleanUp: (() => Promise<void>)[] = [];

  constructor(make: () => Promise<ProviderUnderTest> | ProviderUnderTest) {
    this.#make = make;
  }

  /** Undoes what was made, the last first. */
  async clear(): Promise<void> {
    for (let undo = this.#cleanUp.pop(); undo !== undefined; undo = this.#cleanUp.pop()) await undo();
  }

  /** A provider that takes part in a run. */
  async open(): Promise<Opened> {
    const subject = await this.#make();
    this.#cleanUp.push(async () => subject.dispose?.());
    runs += 1;
    const run: ProviderRun = { runId: runIdentity(FIRST_RUN + BigInt(runs)).runId, env: subject.env ?? {} };
    const provider = subject.provider.open(run);
    this.#cleanUp.push(async () => void (await provider.close(createRecordingLog())));
    return { subject, run, provider };
  }

  /** A job that was set up. */
  async arrange(parts: JobSpecParts = {}): Promise<Arranged> {
    return await this.arrangeIn(await this.open(), parts);
  }

  /** A job of a run that was opened. */
  async arrangeIn(opened: Opened, parts: JobSpecParts): Promise<Arranged> {
    return await this.#prepare(opened, parts);
  }

  /** Another job in the same workspace. */
  async again({ provider, ofRun, subject }: Arranged, parts: JobSpecParts = {}): Promise<Arranged> {
    return await this.#prepare({ provider, run: ofRun, subject }, parts);
  }

  async #prepare({ subject, run: ofRun, provider }: Opened, parts: JobSpecParts): Promise<Arranged> {
    const sections = createRecordingSections();
    const env = { LOOM_RUN_ID: ofRun.runId, ...parts.env };
    const node = { ...subject.node, ...parts.node };
    jobs += 1;
    const privateFolder =
      subject.privateFolder === undefined ? undefined : `${subject.privateFolder}/${jobs}`;
    const job = buildJobSpec({
      workspaceRoot: subject.workspaceRoot,
      // No run has an attempt twice.
      attempt: jobs,
      ...parts,
      privateFolder,
      node,
      env,
    });
    const prepared = await provider.prepare(job, sections, createStopSwitch().request);
    if (!prepared.ok) assert.fail(`The job could not be set up: ${prepared.error.message}`);
    const session = prepared.value;
    let closed = false;
    let lastStep = 0;
    const close = async (log: RecordingLog = createRecordingLog()): Promise<RecordingLog> => {
      if (closed) return log;
      closed = true;
      isDone(await session.close(log));
      return log;
    };
    this.#cleanUp.push(async () => void (await close()));
    const start: Arranged["start"] = (script, stop = createStopSwitch().request, own = {}) => {
      const output = new CollectedOutput();
      lastStep += 1;
      return { output, ended: session.run({ step: lastStep, script, ...own }, output, stop) };
    };
    const run: Arranged["run"] = async (script, stop, own) => {
      const { output, ended } = start(script, stop, own);
      const end = await ended;
      return { end, stdout: output.stdout, stderr: output.stderr };
    };
    return { subject, ofRun, provider, session, sections, close, start, run };
  }
}

/** What is printed of variables: each between brackets, or that there is none of its name. */
function shown(...names: readonly string[]): string {
  return names.map((name) => `if [ "\${${name}+x}" ]; then echo "[$${name}]"; else echo none; fi`).join("\n");
}

/** What a job owes its steps that carries what they leave. */
const CARRY_DEMANDS: readonly Demand[] = (["sh", "bash"] as const).flatMap((shell): readonly Demand[] => {
  const inShell = `in ${shell}`;
  const node = shell === "sh" ? {} : { shell };
  const both = { ...node, carry: ["cwd", "env"] } as const;
  /** A job that carries something, where the provider has the shell. */
  const arrange = async (
    stage: Stage,
    parts: JobSpecParts = { node: both },
  ): Promise<Arranged | undefined> => {
    const opened = await stage.open();
    if (opened.subject.carriesIn?.includes(shell) !== true) return undefined;
    return await stage.arrangeIn(opened, parts);
  };
  return [
    [
      `run() carries the folder and the exported variables of a step to the next one, ${inShell}`,
      async (stage) => {
        const job = await arrange(stage, { node: both, env: { COLOUR: "red", SHAPE: "round" } });
        if (job === undefined) return;
        const { run, subject } = job;
        const root = subject.seenRoot ?? subject.workspaceRoot;
        await run(
          `mkdir -p "it's a" && cd "it's a"\nexport COLOUR=blue LOOM_STEP=9; unset SHAPE; ONLY_HERE=1`,
        );
        const { stdout } = await run(`pwd\n${shown("COLOUR", "SHAPE", "ONLY_HERE", "LOOM_STEP")}`);
        assert.equal(stdout, `${root}/it's a\n[blue]\nnone\nnone\n[2]\n`);
        assert.equal((await run(`pwd\n${shown("SHAPE")}`)).stdout, `${root}/it's a\nnone\n`);
      },
    ],
    [
      `run() carries a value as it is, whatever bytes it has, ${inShell}`,
      async (stage) => {
        const job = await arrange(stage);
        if (job === undefined) return;
        const bytes = String.raw`a\377\201\001"b'"'"'"'"'"'"'"'"'$HOME \`x\`\\\\n\n*c\n\n`;
        await job.run(`VALUE="$(printf '${bytes}'; echo .)"; export VALUE`);
        const print = `printf '%s' "$VALUE" | od -An -tx1`;
        const first = await job.run(`${print}; ${print} >&2`);
        const other = shell === "sh" ? "bash" : "sh";
        const hasOther = job.subject.carriesIn?.includes(other) === true;
        const between = await job.run(print, undefined, { shell: hasOther ? other : shell });
        const back = await job.run(print);
        assert.match(first.stdout, /^ 61 ff 81 01 22 62 27 /u);
        assert.match(first.stdout, / 0a 0a 2e\n$/u);
        assert.equal(between.stdout, first.stdout);
        assert.equal(back.stdout, first.stdout);
      },
    ],
    [
      `run() carries what a step leaves that fails or exits early, and ends as it did, ${inShell}`,
      async (stage) => {
        const job = await arrange(stage);
        if (job === undefined) return;
        const { run } = job;
        const ends = [
          (await run("export A=1; exit 7; export A=2")).end,
          (await run("export B=1\nfalse\nexport B=2")).end,
          (await run("set -u; export C=1; (exit 3)")).end,
        ];
        assert.deepEqual(
          ends,
          [7, 1, 3].map((exitCode) => ({ kind: "exited", exitCode })),
        );
        assert.equal((await run(shown("A", "B", "C"))).stdout, "[1]\n[1]\n[1]\n");
      },
    ],
    [
      `run() sets a step's own folder and variables over what is carried, for that step alone, ${inShell}`,
      async (stage) => {
        const job = await arrange(stage, { node: both, env: { SIZE: "1" } });
        if (job === undefined) return;
        const { run, subject } = job;
        const root = subject.seenRoot ?? subject.workspaceRoot;
        await run("mkdir -p one two; export COLOUR=red; cd one");
        const own = { dir: "two", env: { COLOUR: "it's blue", SIZE: "2", NEW: "x", KEPT: "y" } };
        const script = `pwd; ${shown("COLOUR", "SIZE", "NEW")}; export KEPT=z`;
        const { stdout } = await run(script, undefined, own);
        assert.equal(stdout, `${root}/two\n[it's blue]\n[2]\n[x]\n`);
        const next = await run(`pwd; ${shown("COLOUR", "SIZE", "NEW", "KEPT")}`);
        assert.equal(next.stdout, `${root}/one\n[red]\n[1]\nnone\n[z]\n`);
        await run("cd ..", undefined, { dir: "two" });
        assert.equal((await run("pwd")).stdout, `${root}\n`);
      },
    ],
    [
      `run() carries only what the job names, ${inShell}`,
      async (stage) => {
        for (const carry of ["cwd", "env"] as const) {
          const job = await arrange(stage, { node: { ...node, carry: [carry] } });
          if (job === undefined) return;
          const root = job.subject.seenRoot ?? job.subject.workspaceRoot;
          await job.run("mkdir -p named; cd named; export NAMED=1");
          const { stdout } = await job.run(`pwd; ${shown("NAMED")}; echo "$PWD"`);
          const expected =
            carry === "cwd" ? `${root}/named\nnone\n${root}/named\n` : `${root}\n[1]\n${root}\n`;
          assert.equal(stdout, expected);
          await job.close();
        }
      },
    ],
    [
      `run() says which folder is gone in which a step was to start, ${inShell}`,
      async (stage) => {
        const job = await arrange(stage);
        if (job === undefined) return;
        await job.run('mkdir -p gone; cd gone; rmdir "$PWD"');
        const { end, stdout, stderr } = await job.run("echo started");
        assert.deepEqual(end, { kind: "exited", exitCode: 1 });
        assert.equal(stdout, "");
        assert.match(stderr, /There is no folder .*\/gone any more/u);
      },
    ],
    [
      `run() leaves what a shell says of its script as it is where something is carried, ${inShell}`,
      async (stage) => {
        const script = "echo one\nno-such-command || :\necho $((1 +\n  $LINENO))\necho )";
        const good = "echo one\nno-such-command || :\necho $LINENO\n";
        const plain = await arrange(stage, { node });
        if (plain === undefined) return;
        const job = await stage.again(plain, { node: both });
        for (const each of [script, good]) assert.deepEqual(await job.run(each), await plain.run(each));
        const env = { LOOM_DEBUG_TRACE: "1" };
        assert.deepEqual(await job.run(good, undefined, { env }), await plain.run(good, undefined, { env }));
      },
    ],
  ];
});

type Demand = readonly [name: string, tryIt: (stage: Stage) => Promise<void>];

const DEMANDS: readonly Demand[] = [
  ...CARRY_DEMANDS,
  [
    "prepare() opens the section `provider` once and says in it what runs the job, and where",
    async (stage) => {
      const { subject, sections } = await stage.arrange();
      assert.deepEqual(outcomes(sections), [{ section: "provider", outcome: { status: "success" } }]);
      const named = sections.sections.flatMap(({ logs }) => logs.map(({ facts }) => facts?.["provider"]));
      assert.ok(
        named.includes(subject.provider.name),
        `A note in the section has the fact "provider", which is "${subject.provider.name}"`,
      );
    },
  ],
  [
    "prepare() returns why a job without a workspace cannot run, in the section too",
    async (stage) => {
      const { subject, provider } = await stage.open();
      const sections = createRecordingSections();
      const job = buildJobSpec({ workspaceRoot: subject.missingRoot, ...nodeOf(subject) });
      const error = isRefused(await provider.prepare(job, sections, createStopSwitch().request));
      assert.equal(error.code, "workspace_missing");
      assert.deepEqual(outcomes(sections), [{ section: "provider", outcome: { status: "failed", error } }]);
    },
  ],
  [
    "prepare() closes its section as cancelled when the run is being stopped",
    async (stage) => {
      const { subject, provider } = await stage.open();
      const sections = createRecordingSections();
      const stop = createStopSwitch();
      stop.terminate();
      const job = buildJobSpec({ workspaceRoot: subject.workspaceRoot, ...nodeOf(subject) });
      const error = isRefused(await provider.prepare(job, sections, stop.request));
      assert.equal(error.code, "cancelled");
      assert.deepEqual(sections.sections, [
        { section: "provider", logs: [], outcome: { status: "cancelled" } },
      ]);
    },
  ],
  ...[0, 1, 3, 255].map((exitCode): Demand => [
    `run() returns the exit code ${exitCode}`,
    async (stage) => {
      const { subject, run } = await stage.arrange();
      assert.deepEqual(await run(subject.scripts.exit(exitCode)), {
        end: { kind: "exited", exitCode },
        stdout: "",
        stderr: "",
      });
    },
  ]),
  ...(["SIGTERM", "SIGKILL"] as const).map((signal): Demand => [
    `run() names the signal ${signal} that ended the process`,
    async (stage) => {
      const { subject, run } = await stage.arrange();
      const { end } = await run(subject.scripts.raise(signal));
      assert.deepEqual(end, { kind: "signaled", signal });
    },
  ]),
  [
    "run() keeps the two outputs apart",
    async (stage) => {
      const { subject, run } = await stage.arrange();
      const { print } = subject.scripts;
      const script = [print("one", "stdout"), print("two", "stderr"), print("three", "stdout")].join("\n");
      assert.deepEqual(await run(script), {
        end: { kind: "exited", exitCode: 0 },
        stdout: "one\nthree\n",
        stderr: "two\n",
      });
    },
  ],
  [
    "run() hands on every line of each output, in order, before it resolves",
    async (stage) => {
      const { subject, run } = await stage.arrange();
      const result = await run(subject.scripts.count(LINES));
      assert.deepEqual(result.end, { kind: "exited", exitCode: 0 });
      isCounted(result);
    },
  ],
  [
    "run() waits for a sink that is behind, and then hands on everything in order",
    async (stage) => {
      const { subject, session } = await stage.arrange();
      const sink = new SlowSink();
      const step = { step: 1, script: subject.scripts.count(LINES) };
      const end = await session.run(step, sink, createStopSwitch().request);
      assert.deepEqual(end, { kind: "exited", exitCode: 0 });
      assert.equal(sink.writesWhileBehind, 0, "Chunks that came while the sink was behind");
      isCounted(sink.output);
    },
  ],
  [
    "run() gives the process nothing to read",
    async (stage) => {
      const { subject, run } = await stage.arrange();
      assert.equal((await run(subject.scripts.countStdin())).stdout, "0\n");
    },
  ],
  [
    "run() starts in the workspace",
    async (stage) => {
      const { subject, run } = await stage.arrange();
      assert.equal(
        (await run(subject.scripts.printFolder())).stdout,
        `${subject.seenRoot ?? subject.workspaceRoot}\n`,
      );
    },
  ],
  [
    "run() gives the step the job's variables and its number",
    async (stage) => {
      const { subject, run } = await stage.arrange({ env: { COLOUR: "dark red" } });
      const { printVariable } = subject.scripts;
      await run(subject.scripts.exit(0));
      const script = [printVariable("COLOUR"), printVariable("LOOM_STEP"), printVariable("NOT_THERE")];
      assert.equal((await run(script.join("\n"))).stdout, "dark red\n2\n\n");
    },
  ],
  [
    "run() works in the folder that a step names, and the next step where the job does",
    async (stage) => {
      const { subject, run } = await stage.arrange();
      const { makeFolder, printFolder, writeFile, readFile } = subject.scripts;
      const root = subject.seenRoot ?? subject.workspaceRoot;
      await run(makeFolder("of-a-step"));
      const script = [printFolder(), writeFile("own.txt", "kept")].join("\n");
      assert.equal((await run(script, undefined, { dir: "of-a-step" })).stdout, `${root}/of-a-step\n`);
      const next = await run([printFolder(), readFile("of-a-step/own.txt")].join("\n"));
      assert.equal(next.stdout.trimEnd(), `${root}\nkept`);
    },
  ],
  [
    "run() does not start a step whose folder is not there",
    async (stage) => {
      const { subject, run } = await stage.arrange();
      const { print } = subject.scripts;
      const { end, stdout } = await run(print("started", "stdout"), undefined, { dir: "not/there" });
      if (end.kind !== "not_started") assert.fail(`The step was started and ended as "${end.kind}"`);
      assert.match(end.error.message, /not\/there/u);
      assert.equal(stdout, "");
    },
  ],
  [
    "run() gives a step its own variables above those of the job, and the next step none of them",
    async (stage) => {
      const { subject, run } = await stage.arrange({ env: { COLOUR: "red", SHAPE: "round" } });
      const script = ["COLOUR", "SHAPE", "SIZE"].map(subject.scripts.printVariable).join("\n");
      const own = await run(script, undefined, { env: { COLOUR: "light blue", SIZE: "1" } });
      assert.equal(own.stdout, "light blue\nround\n1\n");
      assert.equal((await run(script)).stdout, "red\nround\n\n");
    },
  ],
  [
    "run() runs a step by the shell that it names, and the next one by that of the job",
    async (stage) => {
      const shell = ["echo", "by its own shell:"];
      const node = { script: ["one", "two"], step_options: [{ step: 1, shell }] };
      const { subject, run } = await stage.arrange({ node });
      assert.deepEqual(await run("one", undefined, { shell }), {
        end: { kind: "exited", exitCode: 0 },
        stdout: "by its own shell: one\n",
        stderr: "",
      });
      assert.equal((await run(subject.scripts.print("two", "stdout"))).stdout, "two\n");
    },
  ],
  [
    "run() ends a step that reached a limit of its own, and runs the next one",
    async (stage) => {
      const { subject, start, run } = await stage.arrange();
      const limit = createStopSwitch();
      const { output, ended } = start(subject.scripts.wait(), limit.request);
      await output.shows("ready");
      limit.terminate();
      assert.deepEqual(await ended, { kind: "signaled", signal: "SIGTERM" });
      const next = await run(subject.scripts.print("next", "stdout"));
      assert.deepEqual([next.end, next.stdout], [{ kind: "exited", exitCode: 0 }, "next\n"]);
    },
  ],
  [
    "run() tells a step that follows how the job came out",
    async (stage) => {
      const { subject, session } = await stage.arrange();
      const { printVariable } = subject.scripts;
      const names = ["LOOM_JOB_STATUS", "CI_JOB_STATUS", "LOOM_STEP"];
      const output = new CollectedOutput();
      const step = { step: 3, script: names.map(printVariable).join("\n"), jobStatus: "cancelled" } as const;
      await session.run(step, output, createStopSwitch().request);
      assert.equal(output.stdout, "cancelled\ncanceled\n3\n");
    },
  ],
  [
    "run() ends the script at the first command that fails",
    async (stage) => {
      const { subject, run } = await stage.arrange();
      const { print, fail } = subject.scripts;
      const script = [print("before", "stdout"), fail(), print("after", "stdout")].join("\n");
      assert.deepEqual(await run(script), {
        end: { kind: "exited", exitCode: 1 },
        stdout: "before\n",
        stderr: "",
      });
    },
  ],
  [
    "run() carries files over to the next step, but not the state of the shell",
    async (stage) => {
      const { subject, run } = await stage.arrange();
      const { setVariable, printVariable, writeFile, readFile } = subject.scripts;
      await run([setVariable("colour", "red"), writeFile("note.txt", "kept")].join("\n"));
      const second = await run([printVariable("colour"), readFile("note.txt")].join("\n"));
      assert.equal(second.stdout.trimEnd(), "\nkept");
    },
  ],
  [
    "run() does not start a step when the run is being stopped already",
    async (stage) => {
      const { subject, run } = await stage.arrange();
      const stop = createStopSwitch();
      stop.terminate();
      const { end, stdout, stderr } = await run(subject.scripts.print("started", "stdout"), stop.request);
      if (end.kind !== "not_started") assert.fail(`The step was started and ended as "${end.kind}"`);
      assert.equal(end.error.code, "cancelled");
      assert.deepEqual({ stdout, stderr }, { stdout: "", stderr: "" });
    },
  ],
  [
    "run() asks a step to end when the run is stopped",
    async (stage) => {
      const { subject, start } = await stage.arrange();
      const stop = createStopSwitch();
      const { output, ended } = start(subject.scripts.wait(), stop.request);
      await output.shows("ready");
      stop.terminate();
      assert.deepEqual(await ended, { kind: "signaled", signal: "SIGTERM" });
    },
  ],
  [
    "run() kills a step that does not end within the grace",
    async (stage) => {
      const { subject, start } = await stage.arrange();
      const stop = createStopSwitch(SHORT_GRACE_MS);
      const { output, ended } = start(subject.scripts.waitStubbornly(), stop.request);
      await output.shows("ready");
      stop.terminate();
      assert.deepEqual(await ended, { kind: "signaled", signal: "SIGKILL" });
    },
  ],
  [
    "run() kills a step at once when told to, whatever the grace",
    async (stage) => {
      const { subject, start } = await stage.arrange();
      const stop = createStopSwitch();
      const { output, ended } = start(subject.scripts.waitStubbornly(), stop.request);
      await output.shows("ready");
      stop.kill();
      assert.deepEqual(await ended, { kind: "signaled", signal: "SIGKILL" });
    },
  ],
  [
    "a session has no copy of a workspace that was not asked for, and what steps write is in the workspace at once",
    async (stage) => {
      const first = await stage.arrange();
      const { subject, session, run, close } = first;
      const { writeFile, readFile } = subject.scripts;
      if (subject.alwaysCopies === true) return;
      assert.equal(session.copy, undefined);
      await run(writeFile("shared.txt", "of the first"));
      await close();
      const other = await stage.again(first);
      assert.equal((await other.run(readFile("shared.txt"))).stdout.trimEnd(), "of the first");
    },
  ],
  [
    "a job in a copy of its workspace sees what was there, and changes it only by what is taken out",
    async (stage) => {
      const before = await stage.arrange();
      const { subject } = before;
      const { writeFile, readFile } = subject.scripts;
      await before.run([writeFile("kept.txt", "old"), writeFile("out.txt", "old")].join("\n"));
      const never = new AbortController().signal;
      if (subject.alwaysCopies === true)
        isDone((await before.session.copy?.takeOut(["kept.txt", "out.txt"], never)) ?? ok(undefined));
      await before.close();
      const inCopy = await stage.again(before, { copiesWorkspace: true });
      const { run, close } = inCopy;
      const { copy } = inCopy.session;
      assert.equal(copy !== undefined, subject.makesCopies ?? false);
      if (copy === undefined) return;
      const both = [readFile("kept.txt"), readFile("out.txt")].join("\n");
      const shown = async (job: Arranged): Promise<string> =>
        (await job.run(both)).stdout.replaceAll("\n", "");
      assert.equal(await shown(inCopy), "oldold");
      await run([writeFile("kept.txt", "new"), writeFile("out.txt", "new")].join("\n"));
      isDone(await copy.takeOut(["out.txt", "not/there"], never));
      isDone(await copy.putIn(["kept.txt", "not/there"], never));
      assert.equal(await shown(inCopy), "oldnew");
      const stopped = await copy.takeOut(["."], AbortSignal.abort());
      assert.equal(stopped.ok ? undefined : stopped.error.code, "cancelled");
      await close();
      const after = await stage.again(before);
      assert.equal(await shown(after), "oldnew");
    },
  ],
  [
    "close() ends a process that a step left behind, and names it",
    async (stage) => {
      const { subject, run, close } = await stage.arrange();
      const pid = Number((await run(subject.scripts.leaveBehind())).stdout);
      isAlive(subject, pid, true);
      const { logs } = await close();
      isAlive(subject, pid, false);
      const [note] = logs;
      const { processes } = (note?.facts ?? {}) as { processes?: readonly { command?: unknown }[] };
      const command = processes?.[0]?.command;
      assert.equal(typeof command, "string", `The note names the command, ${JSON.stringify(logs)}`);
      const facts = { processes: [{ pid, command }] };
      assert.deepEqual(logs, [{ level: "warn", message: note?.message, facts }]);
    },
  ],
  [
    "close() notes nothing when nothing was left behind",
    async (stage) => {
      const { subject, run, close } = await stage.arrange();
      await run(subject.scripts.print("done", "stdout"));
      assert.deepEqual((await close()).logs, []);
    },
  ],
  [
    "close() of the run ends what a job left that was not closed, and finds nothing when done again",
    async (stage) => {
      const { subject, provider, run } = await stage.arrange();
      const pid = Number((await run(subject.scripts.leaveBehind())).stdout);
      const log = createRecordingLog();
      isDone(await provider.close(log));
      isAlive(subject, pid, false);
      assert.equal(log.logs.length, 1, "One note of what was ended");
      const again = createRecordingLog();
      isDone(await provider.close(again));
      assert.deepEqual(again.logs, []);
    },
  ],
  [
    "close() of a run leaves the jobs of another run alone",
    async (stage) => {
      const { subject, run } = await stage.arrange();
      const pid = Number((await run(subject.scripts.leaveBehind())).stdout);
      const other = subject.provider.open({ runId: runIdentity(FIRST_RUN).runId, env: subject.env ?? {} });
      isDone(await other.close(createRecordingLog()));
      isAlive(subject, pid, true);
    },
  ],
  [
    "endLeftovers() ends what a run left whose program is gone, and nothing of another run",
    async (stage) => {
      const { subject, ofRun, run } = await stage.arrange();
      const pid = Number((await run(subject.scripts.leaveBehind())).stdout);
      const other = { ...ofRun, runId: runIdentity(FIRST_RUN).runId };
      isDone(await subject.provider.endLeftovers(other, createRecordingLog()));
      isAlive(subject, pid, true);
      for (const dead of [ofRun, ofRun]) {
        isDone(await subject.provider.endLeftovers(dead, createRecordingLog()));
        isAlive(subject, pid, false);
      }
    },
  ],
];

function nodeOf({ node }: ProviderUnderTest): Pick<JobSpecParts, "node"> {
  return node === undefined ? {} : { node };
}

function outcomes({ sections }: RecordingSections): readonly Omit<RecordedSection, "logs">[] {
  return sections.map(({ section, outcome }) => ({ section, ...(outcome !== undefined && { outcome }) }));
}

function isDone(result: Result<void, EventError>): void {
  if (!result.ok) assert.fail(`It left something behind: ${result.error.message}`);
}

/** The error of a job that could not be set up, which has to have words. */
function isRefused(prepared: Result<ProviderSession, EventError>): EventError {
  if (prepared.ok) assert.fail("The job was set up");
  assert.equal(typeof prepared.error.message, "string");
  return prepared.error;
}

function isAlive({ isRunning }: ProviderUnderTest, pid: number, alive: boolean): void {
  assert.equal(isRunning(pid), alive, `Whether process ${pid} still runs`);
}

/** Without a difference of thousands of lines when it is not. */
function isCounted({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): void {
  for (const [name, text] of Object.entries({ stdout, stderr }))
    assert.ok(text === numbers(LINES), `The numbers from 1 to ${LINES} are on ${name}, each once, in order`);
}

/** One provider that takes part in a run. */
interface Opened {
  readonly subject: ProviderUnderTest;
  readonly run: ProviderRun;
  readonly provider: RunProvider;
}

/** What a step says beside its command. */
type StepParts = Pick<StepSpec, "dir" | "env" | "shell">;

interface Arranged {
  readonly subject: ProviderUnderTest;
  readonly ofRun: ProviderRun;
  readonly provider: RunProvider;
  readonly session: ProviderSession;
  readonly sections: ReturnType<typeof createRecordingSections>;
  readonly close: () => Promise<RecordingLog>;
  readonly start: (
    script: string,
    stop?: StopRequest,
    own?: StepParts,
  ) => { readonly output: CollectedOutput; readonly ended: Promise<ProcessEnd> };
  readonly run: (
    script: string,
    stop?: StopRequest,
    own?: StepParts,
  ) => Promise<{ readonly end: ProcessEnd; readonly stdout: string; readonly stderr: string }>;
}

/** Takes every chunk late, and counts those of an output that came although it was behind with it. */
class SlowSink {
  readonly output: CollectedOutput = new CollectedOutput();
  writesWhileBehind = 0;
  readonly #behind = new Set<OutputStream>();

  write(stream: OutputStream, chunk: Uint8Array): Promise<void> {
    if (this.#behind.has(stream)) this.writesWhileBehind += 1;
    this.#behind.add(stream);
    this.output.write(stream, chunk);
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#behind.delete(stream);
        resolve();
      });
    });
  }
}

function numbers(last: number): string {
  return Array.from({ length: last }, (_, index) => `${index + 1}\n`).join("");
}
