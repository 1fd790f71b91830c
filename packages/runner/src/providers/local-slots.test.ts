import { ok } from "@loom/core";
import {
  buildJobSpec,
  createRecordingLog,
  createRecordingSections,
  createStopSwitch,
  ScriptedProvider,
} from "@loom/testkit";
import { expect, test } from "vitest";
import { LocalSlots } from "./local-slots.ts";

test("LocalSlots has a job wait until another one is closed, and says so", async () => {
  const provider = new LocalSlots(1).around(new ScriptedProvider());
  const job = buildJobSpec();
  const first = await provider.prepare(job, createRecordingSections(), createStopSwitch().request);
  const sections = createRecordingSections();
  let isThere = false;
  const second = provider.prepare(job, sections, createStopSwitch().request).then((prepared) => {
    isThere = true;
    return prepared;
  });
  await new Promise((resolve) => void setImmediate(resolve));
  expect(isThere).toBe(false);
  expect(sections.sections[0]?.logs[0]?.message).toBe("The job waits until fewer jobs run on this machine");
  expect(first.ok && (await first.value.close(createRecordingLog()))).toEqual(ok(undefined));
  expect((await second).ok).toBe(true);
});

test("LocalSlots lets go of a job that is to end while it waits, and gives its place to the next one", async () => {
  const provider = new LocalSlots(1).around(new ScriptedProvider());
  const job = buildJobSpec();
  const first = await provider.prepare(job, createRecordingSections(), createStopSwitch().request);
  const stop = createStopSwitch();
  const second = provider.prepare(job, createRecordingSections(), stop.request);
  const third = provider.prepare(job, createRecordingSections(), createStopSwitch().request);
  stop.terminate();
  expect(await second).toMatchObject({ ok: false, error: { code: "cancelled" } });
  if (first.ok) await first.value.close(createRecordingLog());
  expect((await third).ok).toBe(true);
});
