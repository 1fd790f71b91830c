import { existsSync, mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { err, ok, runIdentity, type EventError, type GraphSecret } from "@loom/core";
import type { JobProvider, Provider, ProviderSession, RunProvider } from "@loom/ports";
import { createHostProvider } from "@loom/provider-host";
import { readProcessStat } from "@loom/system";
import {
  buildJobSpec,
  CollectedOutput,
  createRecordingLog,
  createRecordingSections,
  createStopSwitch,
  describeProvider,
  graphNode,
  SHELL_SCRIPTS,
  temporaryDirectory,
} from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { RunSecrets } from "./run-secrets.ts";

const { runId } = runIdentity(7n);
const TOKEN: GraphSecret = { name: "TOKEN", ref: "env://MY_TOKEN", file: false, required: true };
const KEY: GraphSecret = { name: "KEY", ref: "env://MY_KEY", file: true, required: true };
const ENV = { PATH: "/usr/local/bin:/usr/bin:/bin", MY_TOKEN: "hunter22", MY_KEY: "line one\nline two" };
const SHOWN = "[REDACTED:SECRET_TOKEN]";

async function openSecretsOf(secrets: readonly GraphSecret[], env = ENV): Promise<RunSecrets> {
  return await RunSecrets.open([graphNode("j", "s", { secrets })], {
    runId,
    env,
    folder: temporaryDirectory(),
  });
}

// A provider with secrets around it is one: the whole contract holds.
const host = createHostProvider();
const workspaceRoot = realpathSync(mkdtempSync(join(tmpdir(), "loom-secrets-test-")));
describeProvider("RunSecrets.around() the host", () => ({
  provider: withSecrets(host),
  env: ENV,
  workspaceRoot,
  missingRoot: join(workspaceRoot, "missing"),
  scripts: SHELL_SCRIPTS,
  isRunning: (pid) => readProcessStat(pid)?.dead === false,
}));

function withSecrets(provider: Provider): Provider {
  return {
    name: provider.name,
    open: (run): RunProvider => {
      const opened = provider.open(run);
      const prepare: JobProvider["prepare"] = async (...asked) =>
        (await openSecretsOf([TOKEN])).around(opened).prepare(...asked);
      return { name: opened.name, prepare, close: async (log) => await opened.close(log) };
    },
    endLeftovers: async (run, log) => await provider.endLeftovers(run, log),
  };
}

/** A provider whose steps print, note and fail with what they are told. */
function telling(text: string): JobProvider {
  const error: EventError = { code: "internal", message: text };
  return {
    name: "telling",
    prepare: async (_job, sections) => {
      await sections.run("provider", async (section) => {
        section.log("info", text, { deep: [{ text }] });
        return { status: "success" };
      });
      const session: ProviderSession = {
        run: async (_step, output) => {
          for (const byte of Buffer.from(text)) await output.write("stdout", Uint8Array.of(byte));
          await output.write("stderr", Buffer.from("hunt"));
          return { kind: "not_started", error };
        },
        close: async (section) => {
          section.log("warn", text);
          return err(error);
        },
      };
      return ok(session);
    },
  };
}

describe("RunSecrets", () => {
  test("hides secrets in what a provider prints, notes and fails with", async () => {
    const run = await openSecretsOf([TOKEN]);
    const sections = createRecordingSections();
    const stop = createStopSwitch();
    const prepared = await run
      .around(telling("say hunter22"))
      .prepare(buildJobSpec({ workspaceRoot }), sections, stop.request);
    if (!prepared.ok) throw new Error(prepared.error.message);
    const output = new CollectedOutput();
    const end = await prepared.value.run({ step: 1, script: "" }, output, stop.request);
    expect(output.stdout).toBe(`say ${SHOWN}`);
    expect(output.stderr).toBe("hunt");
    expect(end).toMatchObject({ kind: "not_started", error: { message: `say ${SHOWN}` } });
    const log = createRecordingLog();
    const closed = await prepared.value.close(log);
    expect(closed).toMatchObject({ ok: false, error: { message: `say ${SHOWN}` } });
    const noted = JSON.stringify([sections.sections, log.logs]);
    expect(noted).not.toContain("hunter22");
    expect(noted.split(SHOWN)).toHaveLength(4);
  });

  test("refuses a job whose secret is missing, in its provider section", async () => {
    const run = await openSecretsOf([{ ...TOKEN, ref: "env://NOT_THERE" }]);
    const sections = createRecordingSections();
    const node = graphNode("j", "s", { secrets: [{ ...TOKEN, ref: "env://NOT_THERE" }] });
    const prepared = await run
      .around(telling("never"))
      .prepare({ ...buildJobSpec({ workspaceRoot }), node }, sections, createStopSwitch().request);
    expect(prepared).toMatchObject({ ok: false, error: { code: "SECRETS_REQUIRED_MISSING" } });
    expect(JSON.stringify(sections.sections)).toContain("SECRETS_REQUIRED_MISSING");
  });

  test("removes the files when the provider does not take the job", async () => {
    const run = await openSecretsOf([KEY]);
    let path = "";
    const refusing: JobProvider = {
      name: "refusing",
      prepare: async ({ env }) => {
        path = env["KEY"] ?? "";
        expect(existsSync(path)).toBe(true);
        return err({ code: "workspace_missing", message: "no" });
      },
    };
    const node = graphNode("j", "s", { secrets: [KEY] });
    await run
      .around(refusing)
      .prepare(
        { ...buildJobSpec({ workspaceRoot }), node },
        createRecordingSections(),
        createStopSwitch().request,
      );
    expect(path).not.toBe("");
    expect(existsSync(path)).toBe(false);
  });

  test("hides secrets in what other phases of a job note and fail with", async () => {
    const run = await openSecretsOf([TOKEN]);
    const sections = createRecordingSections();
    const outcome = await run.runPhase(
      {
        phase: "job.artifact_save",
        spec: buildJobSpec({ workspaceRoot }),
        sections,
        stop: createStopSwitch().request,
      },
      {
        run: async (request) =>
          await request.sections.run("artifact_save", async (section) => {
            section.log("info", "hunter22", { tests: { failed: [{ message: "got hunter22" }] } });
            return { status: "failed", error: { code: "ARTIFACTS_IO", message: "hunter22" } };
          }),
      },
    );
    expect(outcome).toEqual({ status: "failed", error: { code: "ARTIFACTS_IO", message: SHOWN } });
    const noted = JSON.stringify(sections.sections);
    expect(noted).not.toContain("hunter22");
    expect(noted).toContain(`got ${SHOWN}`);
  });

  test("hides what unlocks a source from the beginning, and asks the source for nothing", async () => {
    const run = await RunSecrets.open(
      [
        graphNode("a", "s", { secrets: [{ ...TOKEN, ref: "keepass://team#deploy:Password" }] }),
        graphNode("b", "s", { secrets: [{ ...TOKEN, ref: "op://ci/npm/token" }] }),
      ],
      {
        runId,
        env: {
          LOOM_KEEPASS_DB_TEAM_PATH: "/nowhere",
          LOOM_KEEPASS_DB_TEAM_PASSWORD_ENV: "KP_PASSWORD",
          KP_PASSWORD: "master-word",
          OP_SERVICE_ACCOUNT_TOKEN: "ops_account",
        },
        folder: temporaryDirectory(),
      },
    );
    const sections = createRecordingSections();
    await run
      .around(telling("master-word, ops_account"))
      .prepare(buildJobSpec({ workspaceRoot }), sections, createStopSwitch().request);
    expect(JSON.stringify(sections.sections)).toContain(
      "[REDACTED:SECRET_KP_PASSWORD], [REDACTED:SECRET_OP_SERVICE_ACCOUNT_TOKEN]",
    );
  });

  test.each([
    ["keepass://team#deploy:Password", "LOOM_KEEPASS_DB_TEAM_PATH"],
    ["op://ci/npm/token", "OP_SERVICE_ACCOUNT_TOKEN"],
  ])("refuses a job when nothing says how to reach %s", async (ref, variable) => {
    const node = graphNode("j", "s", { secrets: [{ ...TOKEN, ref }] });
    const run = await RunSecrets.open([node], { runId, env: {}, folder: temporaryDirectory() });
    const prepared = await run
      .around(telling("never"))
      .prepare(
        { ...buildJobSpec({ workspaceRoot }), node },
        createRecordingSections(),
        createStopSwitch().request,
      );
    expect(prepared).toMatchObject({ error: { code: "SECRETS_PROVIDER_UNAVAILABLE" } });
    expect(prepared.ok ? "" : prepared.error.message).toContain(variable);
  });

  test("hides two values of one name", async () => {
    const run = await RunSecrets.open(
      [
        graphNode("a", "s", { secrets: [TOKEN] }),
        graphNode("b", "s", { secrets: [{ ...TOKEN, ref: "env://MY_KEY" }] }),
      ],
      { runId, env: ENV, folder: temporaryDirectory() },
    );
    const sections = createRecordingSections();
    await run
      .around(telling("hunter22, line one\nline two"))
      .prepare(buildJobSpec({ workspaceRoot }), sections, createStopSwitch().request);
    expect(JSON.stringify(sections.sections)).toContain(`${SHOWN}, ${SHOWN}`);
  });
});
