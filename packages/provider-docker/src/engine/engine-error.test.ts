import { expect, test } from "vitest";
import { engineError, isNotThere } from "./engine-error.ts";

function answer(statusCode: number, message: string): Error {
  return Object.assign(new Error(`(HTTP code ${statusCode}) ${message}`), { statusCode, json: { message } });
}

// The words of Docker 20 to 28 and of Podman 4 and 5.
test.each([
  ["image_not_found", 404, "No such image: a/b:1"],
  ["image_not_found", 404, "manifest for a/b:2 not found: manifest unknown: manifest unknown"],
  [
    "image_pull_denied",
    404,
    "pull access denied for a/b, repository does not exist or may require 'docker login'",
  ],
  ["image_pull_denied", 500, "unauthorized: authentication required"],
  ["image_not_executable", 400, "failed to create task: exec /bin/sh: exec format error: unknown"],
  ["image_not_executable", 404, "no matching manifest for linux/arm64/v8 in the manifest list entries"],
  ["engine_no_space", 500, "write /var/lib/docker/tmp/x: no space left on device"],
  [
    "shell_not_found",
    400,
    'OCI runtime create failed: exec: "sh": executable file not found in $PATH: unknown',
  ],
  ["engine_failed", 409, "a conflict of some kind"],
])("engineError() gives %s for %i: %s", (code, status, message) => {
  expect(engineError("start it", answer(status, message))).toEqual({
    code,
    message: `Cannot start it: ${message}`,
  });
});

test("engineError() knows an engine that is not there, and throws what is a bug", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED"), {
    code: "ECONNREFUSED",
    errno: -111,
    syscall: "connect",
  });
  expect(engineError("ask it", refused)).toMatchObject({ code: "engine_unreachable" });
  expect(() => engineError("ask it", new TypeError("of ours"))).toThrow("of ours");
  expect([answer(404, "x"), answer(500, "x"), refused].map(isNotThere)).toEqual([true, false, false]);
});
