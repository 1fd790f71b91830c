import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { startFailure } from "./start-failure.ts";

const START = {
  command: "/bin/sh",
  script: "make",
  cwd: tmpdir(),
  env: { PATH: "/bin", NOTES: "x".repeat(200) },
};

function systemError(code: string): Error {
  return Object.assign(new Error(`spawn /bin/sh ${code}`), { code });
}

test("startFailure() distinguishes what the user can do about it", () => {
  const codes = ["ENOENT", "EACCES", "E2BIG", "EAGAIN", "EMFILE", "ENOMEM", "EIO"].map((errno) => [
    errno,
    startFailure(systemError(errno), START).code,
  ]);
  expect(Object.fromEntries(codes)).toEqual({
    ENOENT: "shell_not_found",
    EACCES: "step_not_permitted",
    E2BIG: "step_too_large",
    EAGAIN: "machine_exhausted",
    EMFILE: "machine_exhausted",
    ENOMEM: "machine_exhausted",
    EIO: "step_not_started",
  });
});

test("startFailure() names a missing workspace instead of the shell", () => {
  const cwd = `${tmpdir()}/not/there`;
  expect(startFailure(systemError("ENOENT"), { ...START, cwd })).toEqual({
    code: "workspace_missing",
    message: `Cannot run in the workspace "${cwd}": it is not a folder that exists`,
  });
});
