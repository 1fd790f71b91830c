// The testkit's fakes must not be redeclared: copies drift, and only the testkit's own follow the contracts.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "../..");

/** The testkit depends on these, so they cannot use it. */
const BELOW = ["core", "phase-validator", "ports", "record"];

function exportsOfTestkit() {
  const index = readFileSync(join(ROOT, "packages/testkit/src/index.ts"), "utf8");
  return [...index.matchAll(/export \{([^}]*)\}/gu)].flatMap(([, names]) =>
    names
      .split(",")
      .map((name) => name.trim().replace(/^type /u, ""))
      .filter((name) => name !== ""),
  );
}

/** The testkit names that a file declares. */
function copiesIn(text, names) {
  const declared = [
    ...text.matchAll(/^(?:export )?(?:async )?(?:function|class|const|interface|type) (\w+)/gmu),
  ].map(([, name]) => name);
  return names.filter((name) => declared.includes(name));
}

test("no test redeclares what the testkit has", () => {
  const names = exportsOfTestkit();
  assert.ok(names.includes("FakeClock"));
  const copies = globSync("{packages,apps}/*/{src,test,e2e}/**/*.{ts,tsx}", { cwd: ROOT })
    .filter((path) => path.includes(".test.") || /\/(?:test|e2e)\//u.test(path))
    .filter((path) => ![...BELOW, "testkit"].includes(path.split("/")[1]))
    .flatMap((path) =>
      copiesIn(readFileSync(join(ROOT, path), "utf8"), names).map((name) => `${path}: ${name}`),
    );
  assert.deepEqual(copies, []);
});

test("a declared copy is found, a use is not", () => {
  const text = "class FakeClock {}\nconst clock = new FakeClock();";
  assert.deepEqual(copiesIn(text, ["FakeClock", "graphOf"]), ["FakeClock"]);
  assert.deepEqual(copiesIn("const clock = new FakeClock();", ["FakeClock"]), []);
});
