import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ok } from "@loom/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { importWorkflow } from "../src/import/index.ts";
import { compileWorkflow } from "../src/index.ts";

/** More with LOOM_FUZZ_RUNS; others with LOOM_FUZZ_SEED. */
const RUNS = {
  numRuns: Number(process.env["LOOM_FUZZ_RUNS"] ?? 300),
  seed: Number(process.env["LOOM_FUZZ_SEED"] ?? 1),
};

/** Imports, and judges whatever comes out of it. Vitest's time limit is that of all runs together. */
function probe(text: string, included = "a: {script: [x]}\n"): void {
  const imported = importWorkflow({ path: "ci.yml", text, readInclude: () => ok(included) });
  if (!imported.ok) {
    expect(imported.error.message).not.toMatch(/undefined|\[object|[\n\r]/);
    return;
  }
  const compiled = compileWorkflow({ path: "workflow.yml", text: imported.value.text });
  expect(compiled.ok ? [] : compiled.error).toEqual([]);
  for (const { message, line } of imported.value.notes) {
    expect(line).toBeGreaterThan(0);
    expect(message).not.toMatch(/undefined|\[object|[\n\r]/);
  }
}

const FOLDER = join(import.meta.dirname, "imports");
const samples = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".in.yml"))
  .map((name) => readFileSync(join(FOLDER, name), "utf8"));

const JOB_KEYS =
  "stage script before_script after_script extends needs dependencies rules only except image services cache artifacts variables parallel allow_failure retry timeout when tags inherit trigger runs-on steps strategy env if container continue-on-error timeout-minutes defaults name".split(
    " ",
  );
const INNER_KEYS =
  "if changes exists when paths key files prefix matrix include exclude max name uses run with A b A-B refs job run-shell local default".split(
    " ",
  );
const WORDS =
  "a|b|.t|x:y|$A|${{ matrix.a }}|${{ always() && runner.os == 'Linux' }}|cd x|[[ -f x ]]|1h|true|never|manual|/re/|$A =~ /x/|**/*|../up|/abs|actions/cache@v4|actions/setup-node@v4|actions/upload-artifact@v4|\u0000|\u001b[1m|é|<<|__proto__|constructor|  |- a\n- b|test|version|default".split(
    "|",
  );

const COMMANDS =
  "make|cd a|cd a && make|cd -|export A=1|export A|export A=1 B=$(pwd)|A=1|. ./env.sh|source env.sh|set -x|umask 77|echo $?|(cd a)|f() { x; }|if true; then cd a; fi|export LOOM_A=1|[[ -n $A ]]".split(
    "|",
  );

const scalar = fc.oneof(
  fc.constantFrom<string | number | boolean | null>(...WORDS, 0, 1, -1, 1.5, 1e21, true, false, null),
  fc.string({ maxLength: 8 }),
);
const keyed = (keys: readonly string[], value: fc.Arbitrary<unknown>): fc.Arbitrary<object> =>
  fc.dictionary(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...keys) },
      { weight: 1, arbitrary: fc.constantFrom(...WORDS) },
    ),
    value,
    {
      maxKeys: 6,
    },
  );
const inner = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), keyed(INNER_KEYS, scalar));
const value = fc.oneof(scalar, fc.array(inner, { maxLength: 3 }), keyed(INNER_KEYS, inner));
const job = keyed(JOB_KEYS, value);
const gitlab = keyed(
  ["a", "b", ".t", "x:y", "stages", "variables", "include", "workflow", "default", "image"],
  fc.oneof(job, value),
);
const github = fc.record({
  name: value,
  on: value,
  env: value,
  jobs: keyed(
    ["a", "b", "x_y", "test"],
    keyed(JOB_KEYS, fc.oneof(value, fc.array(keyed(INNER_KEYS, inner), { maxLength: 3 }))),
  ),
});

/** Steps that tell each other something, and actions that use themselves. */
const steps = fc.array(
  fc.record(
    {
      id: fc.constantFrom("a", "b-c"),
      name: scalar,
      run: fc.constantFrom(
        'echo "A=b" >> $GITHUB_ENV',
        "echo x=y >> $GITHUB_OUTPUT; echo $GITHUB_PATH",
        "echo ${{ steps.a.outputs.x }} '${{ inputs.a }}'",
        "cat <<E\n${{ steps.b-c.outputs.x-y || inputs.b }}\nE",
      ),
      uses: fc.constantFrom("./own", "./own/", "./none/../own", "actions/cache@v4"),
      if: fc.constantFrom("inputs.a", "steps.a.outputs.x == env.A", "always()", "${{ !inputs.b }}"),
      env: keyed(["A", "b"], fc.constantFrom("${{ steps.a.outputs.x }}", "${{ env.A }}", "${{ inputs.a }}")),
      with: keyed(
        ["a", "b", "path", "key"],
        fc.constantFrom("${{ inputs.a }}!", "${{ github.action_path }}"),
      ),
      "working-directory": fc.constantFrom("${{ steps.a.outputs.x }}", "${{ inputs.a }}"),
      shell: fc.constantFrom("bash", "sh", "python", "pwsh"),
    },
    { requiredKeys: [] },
  ),
  { maxLength: 4 },
);

describe("importWorkflow() answers, and what it makes compiles, whatever it is given:", () => {
  test("configurations of GitLab with anything in them", { timeout: 60_000 }, () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(gitlab, (root) => probe(`seed: {script: [x]}\n${stringify(root)}`)),
      RUNS,
    );
  });

  test("scripts that rely on one shell, of which no step loses anything", { timeout: 60_000 }, () => {
    expect.hasAssertions();
    const command = fc.constantFrom(...COMMANDS);
    const list = fc.array(command, { maxLength: 4 });
    const scripts = fc.record(
      { before_script: list, script: fc.array(command, { minLength: 1, maxLength: 4 }), after_script: list },
      { requiredKeys: ["script"] },
    );
    fc.assert(
      fc.property(scripts, scripts, list, (parent, own, before) => {
        const root = { default: { before_script: before }, ".t": parent, a: { extends: ".t" }, b: own };
        const imported = importWorkflow({
          path: "ci.yml",
          text: stringify({ ...root, c: { extends: ".t", ...own } }),
        });
        if (!imported.ok) throw new Error(imported.error.message);
        const compiled = compileWorkflow({ path: "workflow.yml", text: imported.value.text });
        if (!compiled.ok) throw new Error(imported.value.text);
        expect(compiled.value.warnings).toEqual([]);
        for (const { carry, after_script: after } of compiled.value.graph.nodes)
          expect([carry, after]).toContain(undefined);
      }),
      RUNS,
    );
  });

  test("matrices whose names are alike or too long, of which no job is lost", { timeout: 60_000 }, () => {
    expect.hasAssertions();
    const texts = fc.uniqueArray(fc.constantFrom("a", "A", "a b", "a-b", "++", "b", "x".repeat(70)), {
      minLength: 1,
      maxLength: 3,
    });
    const rows = fc.array(fc.record({ A: texts, B: texts }, { requiredKeys: ["A"] }), {
      minLength: 1,
      maxLength: 3,
    });
    const names = fc.uniqueArray(fc.constantFrom("a", "a-a", "a:a", "a-b-2", "a-2"), { minLength: 1 });
    fc.assert(
      fc.property(names, rows, fc.boolean(), (jobs, matrix, isInherited) => {
        const own = { script: ["x"], parallel: { matrix } };
        const root = {
          stages: ["test", "later"],
          ...(isInherited && { ".a": own }),
          ...Object.fromEntries(jobs.map((name) => [name, isInherited ? { extends: ".a" } : own])),
          ends: { stage: "later", script: ["x"], needs: jobs },
        };
        const imported = importWorkflow({ path: "ci.yml", text: stringify(root) });
        if (!imported.ok) throw new Error(imported.error.message);
        const compiled = compileWorkflow({ path: "workflow.yml", text: imported.value.text });
        if (!compiled.ok) throw new Error(imported.value.text);
        const one = matrix.flatMap(({ A, B = [""] }) => A.flatMap((a) => B.map((b) => `${a}|${b}`)));
        const { nodes } = compiled.value.graph;
        expect(nodes).toHaveLength(new Set(one).size * jobs.length + 1);
        expect(nodes.find(({ id }) => id === "ends")?.needs).toHaveLength(nodes.length - 1);
      }),
      RUNS,
    );
  });

  test("workflows of GitHub with anything in them", { timeout: 60_000 }, () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(github, (root) => probe(stringify(root))),
      RUNS,
    );
  });

  test("actions of the repository with anything in them", { timeout: 60_000 }, () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(steps, steps, keyed(["a", "b"], inner), (ofJob, ofAction, given) => {
        const uses = { uses: "./own", with: given, if: "github.ref_name == 'a' || inputs.a" };
        const workflow = { on: "push", jobs: { a: { "runs-on": "x", steps: [uses, ...ofJob] } } };
        const runs = { using: "composite", steps: ofAction };
        probe(stringify(workflow), stringify({ inputs: { a: { default: "b" }, b: given }, runs }));
      }),
      RUNS,
    );
  });

  test("samples with something cut out, doubled or put in", { timeout: 60_000 }, () => {
    expect.hasAssertions();
    const at = fc.double({ min: 0, max: 1, noNaN: true });
    const put = fc.constantFrom(
      "",
      "&a ",
      "*a",
      "!reference [a, script]",
      "[",
      "{",
      "<<: ",
      "\n",
      "  ",
      "- ",
      ": ",
      "$",
      "${{",
      "'",
      '"',
    );
    fc.assert(
      fc.property(fc.constantFrom(...samples), at, at, put, (sample, from, length, insert) => {
        const start = Math.floor(sample.length * from);
        const end = start + Math.floor(20 * length);
        probe(sample.slice(0, start) + insert + sample.slice(end));
        probe(sample.slice(0, end) + insert + sample.slice(start));
      }),
      RUNS,
    );
  });
});
