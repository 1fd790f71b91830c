import { expect, test } from "vitest";
import { forwardedSecrets } from "./forwarded-secrets.ts";

/** Secrets with these references. */
function secretsOf(...refs: readonly string[]) {
  return { secrets: refs.map((ref, index) => ({ name: `S${index}`, ref, file: false, required: true })) };
}

test("forwardedSecrets() has what a job names of the environment, and nothing else", () => {
  const env = { TOKEN: "t", OTHER: "o", EMPTY: "", PASSWORD: "p" };
  const job = secretsOf(
    "env://TOKEN",
    "env://EMPTY",
    "env://MISSING",
    "env://constructor",
    "keepass://a/PASSWORD",
  );
  expect(forwardedSecrets(job, env)).toEqual({ TOKEN: "t", EMPTY: "" });
});

test("forwardedSecrets() has nothing of a job that names none, which is not the same as one whose variables are missing", () => {
  expect(forwardedSecrets({}, { TOKEN: "t" })).toBeUndefined();
  expect(forwardedSecrets(secretsOf("op://vault/item/field"), { TOKEN: "t" })).toBeUndefined();
  expect(forwardedSecrets(secretsOf("env://TOKEN"), {})).toEqual({});
});
