import { jobId } from "@loom/core";
import { describe, expect, test } from "vitest";
import { beginAll, linesOf, settleAll, takeAll } from "../test/follow-decisions.ts";
import { planOf } from "../test/plan-of.ts";
import { CANCELLED, FAILED, SUCCEEDED, TOLERATED } from "../test/results.ts";
import { createSchedule } from "./create-schedule.ts";

describe("gates", () => {
  test("begin() decides the jobs that wait for nothing, in declaration order", () => {
    const schedule = createSchedule(
      planOf({
        test: { stage: "check" },
        lint: { stage: "check" },
        report: { stage: "check", needs: ["test"] },
      }),
    );
    expect(linesOf(schedule.begin())).toEqual(["test ready", "lint ready"]);
  });

  test("begin() of a plan without jobs decides nothing", () => {
    const schedule = createSchedule(planOf({}, { stages: ["build"] }));
    expect(schedule.begin()).toEqual([]);
    expect(schedule.take()).toBeUndefined();
  });

  test("settle() frees a dependant while an unrelated slow job still runs", () => {
    const schedule = createSchedule(planOf({ slow: {}, lint: {}, report: { needs: ["lint"] } }));
    beginAll(schedule);
    expect(takeAll(schedule)).toEqual(["lint", "slow"]);
    expect(settleAll(schedule, "lint", SUCCEEDED)).toEqual(["report ready"]);
  });

  test("settle() frees a job only when the last of its needs has settled", () => {
    const schedule = createSchedule(planOf({ a: {}, b: {}, both: { needs: ["a", "b"] } }));
    beginAll(schedule);
    expect(settleAll(schedule, "b", SUCCEEDED)).toEqual([]);
    expect(settleAll(schedule, "a", SUCCEEDED)).toEqual(["both ready"]);
  });

  test("settle() keeps a job behind the stage gate although all it needs has settled", () => {
    const schedule = createSchedule(
      planOf({
        build: { stage: "build" },
        docs: { stage: "build" },
        test: { stage: "test", needs: ["build"] },
        lint: { stage: "test" },
      }),
    );
    beginAll(schedule);
    expect(settleAll(schedule, "build", SUCCEEDED)).toEqual([]);
    expect(settleAll(schedule, "docs", SUCCEEDED)).toEqual(["test ready", "lint ready"]);
  });

  test("settle() finds the gate of an empty stage open", () => {
    const schedule = createSchedule(
      planOf(
        { build: { stage: "build" }, deploy: { stage: "deploy" } },
        { stages: ["prepare", "build", "test", "check", "deploy", "after"] },
      ),
    );
    expect(beginAll(schedule)).toEqual(["build ready"]);
    expect(settleAll(schedule, "build", SUCCEEDED)).toEqual(["deploy ready"]);
    expect(settleAll(schedule, "deploy", SUCCEEDED)).toEqual([]);
  });

  test("settle() answers in declaration order, not in the order of needs or stages", () => {
    const schedule = createSchedule(
      planOf(
        {
          late: { stage: "test", needs: ["early"] },
          early: { stage: "build" },
          alone: { stage: "test" },
          last: { stage: "test", needs: ["early"], when: "on_failure" },
        },
        { stages: ["build", "test"] },
      ),
    );
    beginAll(schedule);
    expect(linesOf(schedule.settle(jobId("early"), SUCCEEDED))).toEqual([
      "late ready",
      "alone ready",
      "last skip condition_not_met []",
    ]);
  });
});

describe("when", () => {
  test("settle() skips an on_success job because of what it needs, and names the roots through skipped jobs", () => {
    const schedule = createSchedule(
      planOf({ compile: {}, bundle: { needs: ["compile"] }, publish: { needs: ["bundle"] } }),
    );
    beginAll(schedule);
    expect(settleAll(schedule, "compile", FAILED)).toEqual([
      "bundle skip upstream_failed [compile]",
      "publish skip upstream_failed [compile]",
    ]);
  });

  test("settle() names every root once, in declaration order, whatever the order of needs and failures", () => {
    const schedule = createSchedule(
      planOf({
        a: {},
        b: {},
        c: {},
        left: { needs: ["b", "a"] },
        right: { needs: ["c", "b"] },
        all: { needs: ["right", "left", "b"] },
      }),
    );
    beginAll(schedule);
    expect([
      ...settleAll(schedule, "c", FAILED),
      ...settleAll(schedule, "b", FAILED),
      ...settleAll(schedule, "a", FAILED),
    ]).toEqual([
      "right skip upstream_failed [b, c]",
      "left skip upstream_failed [a, b]",
      "all skip upstream_failed [a, b, c]",
    ]);
  });

  test("settle() lets a job of the same stage start that does not need the failed one", () => {
    const schedule = createSchedule(planOf({ broken: {}, fine: {}, after: { needs: ["fine"] } }));
    beginAll(schedule);
    expect(settleAll(schedule, "broken", FAILED)).toEqual([]);
    expect(settleAll(schedule, "fine", SUCCEEDED)).toEqual(["after ready"]);
  });

  test("settle() blocks all later stages, and names the failures of the earlier ones", () => {
    const schedule = createSchedule(
      planOf({
        lint: { stage: "check" },
        types: { stage: "check" },
        fine: { stage: "check" },
        test: { stage: "test" },
        clean: { stage: "test", when: "always" },
        deploy: { stage: "deploy" },
      }),
    );
    beginAll(schedule);
    settleAll(schedule, "types", FAILED);
    settleAll(schedule, "fine", SUCCEEDED);
    expect(settleAll(schedule, "lint", FAILED)).toEqual([
      "test skip stage_blocked [lint, types]",
      "clean ready",
    ]);
    expect(settleAll(schedule, "clean", FAILED)).toEqual(["deploy skip stage_blocked [lint, types, clean]"]);
  });

  test("settle() blames what a job needs rather than the stage, and then only the roots through its needs", () => {
    const schedule = createSchedule(
      planOf({
        lint: { stage: "check" },
        types: { stage: "check" },
        test: { stage: "test", needs: ["types"] },
        bench: { stage: "test" },
        report: { stage: "report", needs: ["bench"] },
      }),
    );
    beginAll(schedule);
    settleAll(schedule, "lint", FAILED);
    expect(settleAll(schedule, "types", FAILED)).toEqual([
      "test skip upstream_failed [types]",
      "bench skip stage_blocked [lint, types]",
      "report skip upstream_failed [lint, types]",
    ]);
  });

  test("settle() starts an on_failure job for a failure among its needs or the earlier stages", () => {
    const schedule = createSchedule(
      planOf({
        build: { stage: "build" },
        explain: { stage: "build", needs: ["build"], when: "on_failure" },
        notify: { stage: "notify", when: "on_failure" },
      }),
    );
    beginAll(schedule);
    expect(settleAll(schedule, "build", FAILED)).toEqual(["explain ready"]);
    expect(settleAll(schedule, "explain", SUCCEEDED)).toEqual(["notify ready"]);
  });

  test("settle() skips an on_failure job without a failure, and that blocks nobody", () => {
    const schedule = createSchedule(
      planOf({
        build: { stage: "build" },
        explain: { stage: "build", needs: ["build"], when: "on_failure" },
        after: { stage: "build", needs: ["explain"] },
        deploy: { stage: "deploy", needs: ["explain"] },
      }),
    );
    beginAll(schedule);
    expect(settleAll(schedule, "build", SUCCEEDED)).toEqual([
      "explain skip condition_not_met []",
      "after ready",
    ]);
    expect(settleAll(schedule, "after", SUCCEEDED)).toEqual(["deploy ready"]);
  });

  test("settle() does not count a failure beyond the direct needs for an on_failure job of the same stage", () => {
    const schedule = createSchedule(
      planOf({
        broken: {},
        skippedOne: { needs: ["broken"] },
        rescue: { needs: ["skippedOne"], when: "on_failure" },
        after: { needs: ["rescue"] },
      }),
    );
    beginAll(schedule);
    expect(settleAll(schedule, "broken", FAILED)).toEqual([
      "skippedOne skip upstream_failed [broken]",
      "rescue skip condition_not_met []",
      "after ready",
    ]);
  });

  test("settle() starts an on_failure job for one failed need beside a skipped one, whichever settles last", () => {
    const schedule = createSchedule(
      planOf({
        broken: {},
        skippedOne: { needs: ["broken"] },
        rescue: { needs: ["skippedOne", "broken"], when: "on_failure" },
      }),
    );
    beginAll(schedule);
    expect(settleAll(schedule, "broken", FAILED)).toEqual([
      "skippedOne skip upstream_failed [broken]",
      "rescue ready",
    ]);
  });

  test("settle() does not count failures of a job's own stage as failures of an earlier one", () => {
    const schedule = createSchedule(
      planOf({
        lint: { stage: "check" },
        sweep: { stage: "test", when: "always" },
        clean: { stage: "test", when: "always" },
        test: { stage: "test", needs: ["clean"] },
      }),
    );
    beginAll(schedule);
    settleAll(schedule, "lint", FAILED);
    settleAll(schedule, "sweep", FAILED);
    expect(settleAll(schedule, "clean", SUCCEEDED)).toEqual(["test skip stage_blocked [lint]"]);
  });

  test("settle() starts an always job whatever the results", () => {
    const schedule = createSchedule(
      planOf({
        build: { stage: "build" },
        clean: { stage: "build", needs: ["build"], when: "always" },
        report: { stage: "report", needs: ["clean"], when: "always" },
      }),
    );
    beginAll(schedule);
    expect(settleAll(schedule, "build", FAILED)).toEqual(["clean ready"]);
    expect(settleAll(schedule, "clean", SUCCEEDED)).toEqual(["report ready"]);
  });

  test("settle() treats a tolerated failure as no failure", () => {
    const schedule = createSchedule(
      planOf(
        {
          flaky: { stage: "test" },
          after: { stage: "test", needs: ["flaky"] },
          explain: { stage: "test", needs: ["flaky"], when: "on_failure" },
          deploy: { stage: "deploy" },
        },
        { failFast: true },
      ),
    );
    beginAll(schedule);
    expect(settleAll(schedule, "flaky", TOLERATED)).toEqual([
      "after ready",
      "explain skip condition_not_met []",
    ]);
    expect(settleAll(schedule, "after", SUCCEEDED)).toEqual(["deploy ready"]);
  });

  test("settle() takes a cancelled job for neither a success nor a failure", () => {
    const schedule = createSchedule(
      planOf({ a: {}, after: { needs: ["a"] }, rescue: { needs: ["a"], when: "on_failure" } }),
    );
    beginAll(schedule);
    expect(settleAll(schedule, "a", CANCELLED)).toEqual(["after ready", "rescue skip condition_not_met []"]);
  });

  test("settle() accepts the cancel of a job in any state, and decides nothing about it any more", () => {
    const schedule = createSchedule(planOf({ a: {}, ready: {}, pending: { needs: ["a"] } }));
    beginAll(schedule);
    expect(settleAll(schedule, "pending", CANCELLED)).toEqual([]);
    expect(settleAll(schedule, "ready", CANCELLED)).toEqual([]);
    expect(takeAll(schedule)).toEqual(["a"]);
    expect(settleAll(schedule, "a", CANCELLED)).toEqual([]);
  });
});

describe("a job decided to be skipped because of a failure", () => {
  test.each([
    ["is cancelled first", CANCELLED],
    ["settles as skipped for another reason", { status: "skipped", reason: "not_selected", blockedBy: [] }],
  ] as const)("blocks nobody when it %s", (_, result) => {
    const schedule = createSchedule(
      planOf({ broken: {}, decided: { needs: ["broken"] }, after: { needs: ["decided"] } }),
    );
    schedule.begin();
    schedule.settle(jobId("broken"), FAILED);
    expect(settleAll(schedule, "decided", result)).toEqual(["after ready"]);
  });
});

describe("failFast", () => {
  test("settle() withdraws ready jobs at the first blocking failure, except always and on_failure jobs", () => {
    const schedule = createSchedule(
      planOf(
        {
          before: { stage: "test" },
          broken: { stage: "test" },
          ready: { stage: "test" },
          clean: { stage: "test", when: "always" },
          dependant: { stage: "test", needs: ["broken"] },
          later: { stage: "deploy", needs: ["ready"] },
        },
        { failFast: true, weights: { broken: 9, before: 8 } },
      ),
    );
    beginAll(schedule);
    expect([schedule.take(), schedule.take()]).toEqual(["broken", "before"]);
    expect(linesOf(schedule.settle(jobId("broken"), FAILED))).toEqual([
      "ready skip stage_blocked [broken]",
      "dependant skip upstream_failed [broken]",
    ]);
    expect(takeAll(schedule)).toEqual(["clean"]);
  });

  test("settle() lets running jobs finish, and skips what waited for them when its gates open", () => {
    const schedule = createSchedule(
      planOf(
        {
          broken: { stage: "test" },
          running: { stage: "test" },
          dependant: { stage: "test", needs: ["running"] },
          afterIt: { stage: "test", needs: ["dependant"] },
          rescue: { stage: "test", needs: ["dependant"], when: "on_failure" },
          deploy: { stage: "deploy" },
          notify: { stage: "deploy", when: "on_failure" },
        },
        { failFast: true },
      ),
    );
    beginAll(schedule);
    takeAll(schedule);
    expect(settleAll(schedule, "broken", FAILED)).toEqual([]);
    expect(settleAll(schedule, "running", FAILED)).toEqual([
      "dependant skip upstream_failed [running]",
      "afterIt skip upstream_failed [running]",
      "rescue skip condition_not_met []",
      "deploy skip stage_blocked [broken, running]",
      "notify ready",
    ]);
  });

  test("settle() blames the first failure where nothing else blocks a job", () => {
    const schedule = createSchedule(
      planOf({ first: {}, second: {}, running: {}, dependant: { needs: ["running"] } }, { failFast: true }),
    );
    beginAll(schedule);
    takeAll(schedule);
    settleAll(schedule, "second", FAILED);
    settleAll(schedule, "first", FAILED);
    expect(settleAll(schedule, "running", SUCCEEDED)).toEqual(["dependant skip stage_blocked [second]"]);
  });
});

describe("jobs that wait for somebody to ask for them", () => {
  const manual = { deploy: "manual", announce: "manual", tag: "manual" } as const;
  const plan = (failFast = false) =>
    planOf(
      {
        build: { stage: "build" },
        tag: { stage: "build", isManual: true },
        deploy: { stage: "deploy", needs: ["build"], isManual: true },
        announce: { stage: "deploy", needs: ["deploy", "tag"] },
        clean: { stage: "last" },
      },
      { withheld: manual, failFast },
    );

  test("keep no stage closed, and are skipped by close(), with what needs them", () => {
    const schedule = createSchedule(plan());
    expect(beginAll(schedule)).toEqual(["build ready"]);
    expect(["tag", "deploy", "announce", "build"].map((name) => schedule.waits(jobId(name)))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(settleAll(schedule, "build", SUCCEEDED)).toEqual(["clean ready"]);
    expect(settleAll(schedule, "clean", SUCCEEDED)).toEqual([]);
    expect(schedule.waiting).toBe(3);
    expect(linesOf(schedule.close())).toEqual([
      "tag skip manual []",
      "deploy skip manual []",
      "announce skip manual []",
    ]);
    expect(schedule.waiting).toBe(0);
  });

  test("run once they were asked for and their own gates are open, and then what waited for them alone", () => {
    const schedule = createSchedule(plan());
    beginAll(schedule);
    expect(linesOf(schedule.play(jobId("deploy")))).toEqual([]);
    expect(schedule.waits(jobId("deploy"))).toBe(false);
    expect(settleAll(schedule, "build", SUCCEEDED)).toEqual(["deploy ready", "clean ready"]);
    expect(settleAll(schedule, "deploy", SUCCEEDED)).toEqual([]);
    expect(linesOf(schedule.play(jobId("tag")))).toEqual(["tag ready"]);
    expect(settleAll(schedule, "tag", SUCCEEDED)).toEqual(["announce ready"]);
  });

  test("take those with them that they need", () => {
    const schedule = createSchedule(plan());
    beginAll(schedule);
    expect(linesOf(schedule.play(jobId("announce")))).toEqual(["tag ready"]);
    expect(schedule.waiting).toBe(0);
  });

  test("block what needs them when they fail, and no stage", () => {
    const schedule = createSchedule(plan());
    beginAll(schedule);
    schedule.play(jobId("announce"));
    expect(settleAll(schedule, "tag", FAILED)).toEqual([]);
    expect(settleAll(schedule, "build", SUCCEEDED)).toEqual(["deploy ready", "clean ready"]);
    expect(settleAll(schedule, "deploy", SUCCEEDED)).toEqual(["announce skip upstream_failed [tag]"]);
  });

  test("close the run when they fail and it fails fast", () => {
    const schedule = createSchedule(plan(true));
    beginAll(schedule);
    schedule.play(jobId("tag"));
    expect(settleAll(schedule, "tag", FAILED)).toEqual([
      "build skip stage_blocked [tag]",
      "clean skip stage_blocked [tag]",
    ]);
  });

  test("are named beside later failures by what is blocked by jobs that were skipped for them", () => {
    const schedule = createSchedule(
      planOf(
        {
          tag: { stage: "build", isManual: true },
          lint: { stage: "build" },
          unit: { stage: "build", needs: ["lint"] },
          pack: { stage: "pack" },
        },
        { withheld: { tag: "manual" }, failFast: true },
      ),
    );
    beginAll(schedule);
    schedule.play(jobId("tag"));
    expect(takeAll(schedule)).toEqual(["lint", "tag"]);
    expect(settleAll(schedule, "tag", FAILED)).toEqual([]);
    expect(settleAll(schedule, "lint", FAILED)).toEqual([
      "unit skip upstream_failed [lint]",
      "pack skip stage_blocked [lint]",
    ]);
  });

  test("are not asked for twice, nor is any other job", () => {
    const schedule = createSchedule(plan());
    beginAll(schedule);
    schedule.play(jobId("tag"));
    for (const name of ["tag", "build", "nobody"])
      expect(() => schedule.play(jobId(name))).toThrow(
        `Cannot play job "${name}": it does not wait for that`,
      );
  });
});

describe("jobs that wait for their needs only", () => {
  const plan = () =>
    planOf({
      compile: { stage: "build" },
      docs: { stage: "build" },
      unit: { stage: "test", needs: ["compile"], isUngated: true },
      lint: { stage: "test", isUngated: true },
      e2e: { stage: "test" },
      pack: { stage: "pack" },
      tell: { stage: "pack", when: "on_failure", needs: ["lint"], isUngated: true },
    });

  test("start as soon as these have ended, whatever becomes of earlier stages", () => {
    const schedule = createSchedule(plan());
    expect(beginAll(schedule)).toEqual(["compile ready", "docs ready", "lint ready"]);
    expect(settleAll(schedule, "compile", SUCCEEDED)).toEqual(["unit ready"]);
    expect(settleAll(schedule, "docs", FAILED)).toEqual(["e2e skip stage_blocked [docs]"]);
    expect(settleAll(schedule, "lint", SUCCEEDED)).toEqual(["tell skip condition_not_met []"]);
    expect(settleAll(schedule, "unit", SUCCEEDED)).toEqual(["pack skip stage_blocked [docs]"]);
  });

  test("are named beside other failures where a run that fails fast skipped jobs of earlier stages for them", () => {
    const schedule = createSchedule(
      planOf(
        {
          early: { stage: "b", isUngated: true },
          slow: { stage: "a" },
          other: { stage: "a" },
          last: { stage: "b" },
        },
        { stages: ["a", "b"], failFast: true },
      ),
    );
    beginAll(schedule);
    expect([schedule.take(jobId("early")), schedule.take(jobId("slow"))]).toEqual(["early", "slow"]);
    expect(settleAll(schedule, "early", FAILED)).toEqual(["other skip stage_blocked [early]"]);
    expect(settleAll(schedule, "slow", FAILED)).toEqual(["last skip stage_blocked [early, slow]"]);
  });

  test("block later stages when they fail, but no job of a stage before theirs", () => {
    const schedule = createSchedule(plan());
    beginAll(schedule);
    expect(settleAll(schedule, "lint", FAILED)).toEqual(["tell ready"]);
    expect(settleAll(schedule, "compile", SUCCEEDED)).toEqual(["unit ready"]);
    expect(settleAll(schedule, "docs", SUCCEEDED)).toEqual(["e2e ready"]);
    settleAll(schedule, "unit", FAILED);
    expect(settleAll(schedule, "e2e", SUCCEEDED)).toEqual(["pack skip stage_blocked [unit, lint]"]);
  });
});

describe("selection", () => {
  test("begin() skips what a condition withholds, unless it is not selected, and that blocks nobody", () => {
    const schedule = createSchedule(
      planOf(
        {
          nightly: { stage: "check", when: "always" },
          other: { stage: "check" },
          after: { stage: "check", needs: ["nightly"] },
        },
        {
          selected: ["nightly", "after"],
          withheld: { nightly: "condition_not_met", other: "manual" },
        },
      ),
    );
    expect(linesOf(schedule.begin())).toEqual([
      "nightly skip condition_not_met []",
      "other skip not_selected []",
    ]);
    const reason = "condition_not_met";
    expect(linesOf(schedule.settle(jobId("nightly"), { status: "skipped", reason, blockedBy: [] }))).toEqual([
      "after ready",
    ]);
  });

  test("begin() skips what is not selected, whatever its gates and conditions, and that blocks nobody", () => {
    const schedule = createSchedule(
      planOf(
        {
          lint: { stage: "check" },
          build: { stage: "build" },
          other: { stage: "build", needs: ["lint"], when: "always" },
          test: { stage: "test", needs: ["build"] },
        },
        { selected: ["build", "test"] },
      ),
    );
    expect(linesOf(schedule.begin())).toEqual(["lint skip not_selected []", "other skip not_selected []"]);
    expect(
      linesOf(schedule.settle(jobId("lint"), { status: "skipped", reason: "not_selected", blockedBy: [] })),
    ).toEqual(["build ready"]);
    expect(settleAll(schedule, "build", SUCCEEDED)).toEqual([]);
    expect(
      settleAll(schedule, "other", { status: "skipped", reason: "not_selected", blockedBy: [] }),
    ).toEqual(["test ready"]);
  });
});

describe("order", () => {
  test("take() hands out the longest remaining path first, ties in declaration order", () => {
    const schedule = createSchedule(
      planOf({ a: {}, b: {}, c: {}, d: {}, afterC: { needs: ["c"] }, afterD: { needs: ["d"] } }),
    );
    beginAll(schedule);
    expect(takeAll(schedule)).toEqual(["c", "d", "a", "b"]);
  });

  test("take() weighs jobs by how long they took before", () => {
    const schedule = createSchedule(
      planOf(
        { a: {}, chain: {}, heavy: {}, afterChain: { needs: ["chain"] } },
        { weights: { heavy: 5_000 } },
      ),
    );
    beginAll(schedule);
    expect(takeAll(schedule)).toEqual(["heavy", "chain", "a"]);
  });

  test("take() puts a job that becomes ready later ahead of less urgent ones", () => {
    const schedule = createSchedule(
      planOf({ a: {}, b: {}, c: {}, first: {}, urgent: { needs: ["first"] } }, { weights: { urgent: 10 } }),
    );
    beginAll(schedule);
    expect(schedule.take()).toBe("first");
    expect(schedule.take()).toBe("a");
    settleAll(schedule, "first", SUCCEEDED);
    expect(takeAll(schedule)).toEqual(["urgent", "b", "c"]);
  });
});

describe("take() of a wanted job", () => {
  test("hands out that job before more urgent ones, once", () => {
    const schedule = createSchedule(planOf({ urgent: {}, wanted: {}, after: { needs: ["urgent"] } }));
    beginAll(schedule);
    expect(schedule.take(jobId("wanted"))).toBe("wanted");
    expect(schedule.take(jobId("wanted"))).toBeUndefined();
    expect(takeAll(schedule)).toEqual(["urgent"]);
  });

  test("hands out nothing when it is not ready or not in the plan", () => {
    const schedule = createSchedule(planOf({ first: {}, waiting: { needs: ["first"] } }));
    beginAll(schedule);
    expect(schedule.take(jobId("waiting"))).toBeUndefined();
    expect(schedule.take(jobId("unknown"))).toBeUndefined();
    expect(takeAll(schedule)).toEqual(["first"]);
  });
});

describe("misuse", () => {
  test("begin() refuses to begin twice", () => {
    const schedule = createSchedule(planOf({ a: {} }));
    schedule.begin();
    expect(() => schedule.begin()).toThrow(new Error("Cannot begin the schedule: it has begun already"));
  });

  test.each([
    ["before begin()", [], "a", SUCCEEDED, "the schedule has not begun"],
    ["of a job that is not in the plan", ["begin"], "z", SUCCEEDED, "it is not in the plan"],
    ["of a job that has settled", ["begin", "settle a"], "a", SUCCEEDED, "it has settled already"],
    ["of a job whose gates are closed", ["begin"], "b", SUCCEEDED, "it was never ready to start"],
  ] as const)("settle() refuses the end %s", (_, before, name, result, reason) => {
    const schedule = createSchedule(planOf({ a: {}, b: { needs: ["a"] } }));
    for (const step of before) {
      if (step === "begin") schedule.begin();
      else schedule.settle(jobId("a"), SUCCEEDED);
    }
    expect(() => schedule.settle(jobId(name), result)).toThrow(
      new Error(`Cannot settle job "${name}" as success: ${reason}`),
    );
  });

  test("settle() refuses a skip for a failure that it did not decide, and goes on as if it had not been asked", () => {
    const schedule = createSchedule(planOf({ a: {}, b: { needs: ["a"] } }));
    schedule.begin();
    expect(() =>
      schedule.settle(jobId("b"), { status: "skipped", reason: "upstream_failed", blockedBy: [jobId("a")] }),
    ).toThrow(new Error('Cannot settle job "b" as skipped: no failure has led to upstream_failed'));
    expect(settleAll(schedule, "a", SUCCEEDED)).toEqual(["b ready"]);
  });

  test("settle() refuses a skip for a failure of a job that it skipped for another reason", () => {
    const schedule = createSchedule(planOf({ a: {}, b: { needs: ["a"] } }, { selected: ["a"] }));
    expect(linesOf(schedule.begin())).toEqual(["a ready", "b skip not_selected []"]);
    expect(() =>
      schedule.settle(jobId("b"), { status: "skipped", reason: "upstream_failed", blockedBy: [jobId("a")] }),
    ).toThrow(new Error('Cannot settle job "b" as skipped: no failure has led to upstream_failed'));
  });

  test.each([
    [
      "an unknown need",
      { a: { needs: ["z"] } },
      ["main"],
      'Cannot schedule job "a": it needs "z", which is not in the plan',
    ],
    [
      "an unknown stage",
      { a: { stage: "nowhere" } },
      ["main"],
      'Cannot schedule job "a": its stage "nowhere" is not in the plan',
    ],
    [
      "a need of a later stage",
      { a: { stage: "one", needs: ["b"] }, b: { stage: "two" } },
      ["one", "two"],
      'Cannot schedule job "a": it needs "b", which is in a later stage',
    ],
    [
      "needs in a cycle",
      { a: { needs: ["b"] }, b: { needs: ["a"] }, c: {} },
      ["main"],
      'Cannot schedule stage "main": the needs of its jobs form a cycle: a -> b -> a',
    ],
    [
      "a cycle that has a job outside it as its first dependant",
      { last: { needs: ["a"] }, a: { needs: ["b"] }, b: { needs: ["a"] } },
      ["main"],
      'Cannot schedule stage "main": the needs of its jobs form a cycle: a -> b -> a',
    ],
    [
      "a cycle that others lead to and from",
      {
        first: {},
        a: { needs: ["first", "c"] },
        b: { needs: ["a"] },
        c: { needs: ["b"] },
        last: { needs: ["c"] },
      },
      ["main"],
      'Cannot schedule stage "main": the needs of its jobs form a cycle: a -> c -> b -> a',
    ],
  ])("createSchedule() refuses a plan with %s", (_, jobs, stages, message) => {
    expect(() => createSchedule(planOf(jobs, { stages }))).toThrow(new Error(message));
  });

  test("createSchedule() refuses a plan that selects a job it does not hold", () => {
    expect(() => createSchedule(planOf({ a: {} }, { selected: ["a", "z"] }))).toThrow(
      new Error('Cannot schedule job "z": it is not in the plan'),
    );
  });

  test.each([0, -1, 1.5, Number.NaN, Infinity])(
    "createSchedule() refuses to run %d jobs at a time",
    (concurrency) => {
      expect(() => createSchedule({ ...planOf({ a: {} }), concurrency })).toThrow(
        new Error(`Cannot schedule the plan: concurrency is ${concurrency}, not a whole number of 1 or more`),
      );
    },
  );

  test("createSchedule() refuses a plan that holds a job twice", () => {
    const plan = planOf({ a: {} });
    expect(() => createSchedule({ ...plan, jobs: [...plan.jobs, ...plan.jobs] })).toThrow(
      new Error('Cannot schedule job "a": the plan holds it twice'),
    );
  });
});
