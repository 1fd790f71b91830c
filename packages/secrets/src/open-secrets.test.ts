import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { err, ok, unwrap, type GraphSecret } from "@loom/core";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { openSecrets, type JobSecrets } from "./open-secrets.ts";
import type { SecretSource } from "./secret-source.ts";

function secret(name: string, given: Partial<GraphSecret> = {}): GraphSecret {
  return { name, ref: `env://${name}`, file: true, required: true, ...given };
}

async function opened(secrets: readonly GraphSecret[], env: Record<string, string>): Promise<JobSecrets> {
  const job = unwrap(await openSecrets(secrets, { env, folder: temporaryDirectory() }));
  onTestFinished(async () => void (await job.close()));
  return job;
}

async function refusal(
  secrets: readonly GraphSecret[],
  env: Record<string, string>,
  sources?: readonly SecretSource[],
): Promise<{ readonly code?: string; readonly message?: string }> {
  const result = await openSecrets(secrets, { env, sources, folder: temporaryDirectory() });
  if (!result.ok) return result.error;
  await result.value.close();
  return {};
}

describe("openSecrets()", () => {
  test("sets a variable to the value, or to the path of a file that only its owner may read", async () => {
    const { variables, values, folder } = await opened([secret("KEY"), secret("TOKEN", { file: false })], {
      KEY: "-----BEGIN-----\nkey\n",
      TOKEN: "hunter22",
    });
    const path = variables["KEY"] ?? "";
    expect(variables).toEqual({ KEY: join(folder ?? "", "KEY"), TOKEN: "hunter22" });
    expect([...values]).toEqual([
      ["KEY", "-----BEGIN-----\nkey\n"],
      ["TOKEN", "hunter22"],
    ]);
    expect(readFileSync(path, "utf8")).toBe("-----BEGIN-----\nkey\n");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  });

  test("makes no folder where no secret is a file", async () => {
    const { folder } = await opened([secret("TOKEN", { file: false })], { TOKEN: "hunter22" });
    expect(folder).toBeUndefined();
  });

  test("leaves out an optional secret that is missing or empty", async () => {
    const { variables, values } = await opened(
      [secret("A", { required: false }), secret("B", { required: false })],
      { B: "" },
    );
    expect(variables).toEqual({});
    expect(values.size).toBe(0);
  });

  test("fails for a required secret that is missing, saying what to do", async () => {
    expect(await refusal([secret("A")], {})).toEqual({
      code: "SECRETS_REQUIRED_MISSING",
      message:
        'Secret A is missing: The environment variable A is not set. With "required: false" the job runs without it',
    });
    expect(await refusal([secret("A")], { A: "" })).toMatchObject({ code: "SECRETS_REQUIRED_MISSING" });
  });

  test("fails for a reference that cannot be looked up, even of an optional secret", async () => {
    expect(await refusal([secret("A", { ref: "op://ci/a/b", required: false })], {})).toEqual({
      code: "SECRETS_PROVIDER_UNAVAILABLE",
      message: 'Secret A: Nothing here reads "op://ci/a/b": only env:// is supported',
    });
    expect(await refusal([secret("A", { ref: "env://a-b", required: false })], {})).toMatchObject({
      code: "SECRETS_REF_INVALID",
    });
  });

  test("refuses a value that cannot be hidden, without printing it", async () => {
    const { code, message } = await refusal([secret("A", { required: false })], { A: " x9\n" });
    expect(code).toBe("SECRETS_REF_INVALID");
    expect(message).toBe(
      "The value of secret A (env://A) is shorter than 4 characters: hiding it would make the output of the job unreadable",
    );
  });

  test("refuses a value that no variable can have, unless it is a file", async () => {
    const sources: SecretSource[] = [{ scheme: "x", resolve: async () => ok("nul\0nul") }];
    const ref = "x://a";
    expect(await refusal([secret("A", { ref, file: false })], {}, sources)).toMatchObject({
      code: "SECRETS_REF_INVALID",
    });
    expect(await refusal([secret("A", { ref })], {}, sources)).toEqual({});
  });

  test("refuses secrets in variables while CI_DEBUG_TRACE prints commands, before it looks for any", async () => {
    const env = { CI_DEBUG_TRACE: "true", A: "hunter22" };
    expect(await refusal([secret("B"), secret("A", { file: false })], env)).toEqual({
      code: "SECRETS_UNSAFE_DEBUG_TRACE",
      message: "CI_DEBUG_TRACE=true would print secrets that are variables (A): unset it, or make them files",
    });
    expect(await refusal([secret("A")], env)).toEqual({});
    expect(await refusal([secret("A", { file: false })], { ...env, CI_DEBUG_TRACE: "1" })).toEqual({});
  });

  test("reports the first failure by the order of the secrets, not of the answers", async () => {
    const answers = new Map<string, () => void>();
    const slow: SecretSource = {
      scheme: "slow",
      resolve: async (ref) => {
        await new Promise<void>((resolve) => answers.set(ref, resolve));
        return err({ code: "SECRETS_PROVIDER_UNAVAILABLE", message: ref });
      },
    };
    const failed = refusal([secret("A", { ref: "slow://a" }), secret("B", { ref: "slow://b" })], {}, [slow]);
    answers.get("slow://b")?.();
    answers.get("slow://a")?.();
    expect(await failed).toMatchObject({ message: "Secret A: slow://a" });
  });

  test("reports that the files cannot be written", async () => {
    const file = join(temporaryDirectory(), "file");
    writeFileSync(file, "");
    // Twice the same name: the second file is there already, in memory and below the folder alike.
    const result = await openSecrets([secret("a/b", { ref: "env://A" })], {
      env: { A: "hunter22" },
      folder: file,
    });
    expect(result).toMatchObject({ ok: false, error: { code: "SECRETS_IO" } });
  });
});

describe("close()", () => {
  test("removes the files, with what a job has put beside them", async () => {
    const job = await opened([secret("KEY")], { KEY: "hunter22" });
    const { folder = "" } = job;
    writeFileSync(join(folder, "copy"), "hunter22");
    expect(await job.close()).toEqual({ ok: true, value: undefined });
    expect(existsSync(folder)).toBe(false);
    expect(await job.close()).toEqual({ ok: true, value: undefined });
  });

  test("does nothing where there are no files", async () => {
    const job = await opened([secret("KEY", { file: false })], { KEY: "hunter22" });
    expect(await job.close()).toEqual({ ok: true, value: undefined });
  });
});
