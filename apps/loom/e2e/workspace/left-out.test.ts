import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeProject, snapshots } from "../project.ts";

const WORKFLOW = `version: v1
stages: [a]
unit:
  stage: a
  variables: {PATH: "node_modules/.bin:$PATH"}
  script: [checker --all]
`;

test("loom explain says that what a step misses is in an ignored folder of the checkout", () => {
  const project = makeProject({ workflow: WORKFLOW });
  const program = join(project.root, "node_modules/.bin/checker");
  mkdirSync(join(program, ".."), { recursive: true });
  writeFileSync(program, "#!/bin/sh\n");
  chmodSync(program, 0o755);
  writeFileSync(join(project.root, ".gitignore"), "node_modules\n");
  const { env } = snapshots();
  expect(project.loom(["run", "-q"], env).exitCode).toBe(1);
  const message =
    'The checkout has "node_modules/.bin/checker", but a snapshot leaves ignored folders out: have a job make "node_modules" and keep it with cache, or run with --in-place';
  expect(project.loom(["explain"]).stdout).toContain(`\nleft out: ${message}\n`);
  const { failure } = JSON.parse(project.loom(["explain", "--json"]).stdout) as {
    readonly failure: { readonly left_out?: object };
  };
  expect(failure.left_out).toEqual({ folder: "node_modules", path: "node_modules/.bin/checker", message });
  expect(project.loom(["run", "-q", "--in-place"], env).exitCode).toBe(0);
});
