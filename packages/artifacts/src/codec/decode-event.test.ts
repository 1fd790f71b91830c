import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { LoomEvent, Result } from "@loom/core";
import { anyEvent } from "../../test/arbitrary-events.ts";
import { decodeEvent, type DecodeError } from "./decode-event.ts";
import { encodeEvent } from "./encode-event.ts";

const START =
  '{"seq":1,"ts":"2026-01-01T00:00:00.000Z","event":"phase_start","schema_version":"loom.runtime.logs.v2",' +
  '"run_id":"loom-run-local-1","pipeline_id":"loom-local-1","scope":"run","phase_code":"run.bootstrap","phase_family":"bootstrap"}';

const FINISH = START.replace("phase_start", "phase_finish").replace(
  "}",
  ',"status":"failed","duration_ms":5}',
);

const STATE =
  '{"seq":1,"ts":"2026-01-01T00:00:00.000Z","event":"job_state","job_id":"build","from":"ready","to":"running"}';

describe("decodeEvent()", () => {
  test("decodeEvent() answers exactly the record type of core", () => {
    expectTypeOf<ReturnType<typeof decodeEvent>>().toEqualTypeOf<Result<LoomEvent, DecodeError>>();
  });

  test("decodeEvent() gives back every record that encodeEvent() wrote", () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const line = encodeEvent(event);
        expect(line).not.toContain("\n");
        expect(decodeEvent(line)).toStrictEqual({ ok: true, value: event });
        expect(decodeEvent(JSON.parse(line))).toStrictEqual({ ok: true, value: event });
      }),
    );
  });

  test("decodeEvent() keeps fields that a newer version added", () => {
    const line = START.replace("}", ',"host":"a"}');
    expect(decodeEvent(line)).toStrictEqual({ ok: true, value: JSON.parse(line) as unknown });
  });

  test.each([
    ["a torn line", START.slice(0, 40)],
    ["a list", "[1]"],
    ["a list of a line", [START]],
    ["null", "null"],
    ["an unknown event", '{"seq":1,"ts":"x","event":"heartbeat"}'],
    ["an event named like a property of every object", '{"seq":1,"ts":"x","event":"toString"}'],
    ["a list that names an event", '{"seq":1,"ts":"x","event":["log"],"level":"info","message":"m"}'],
    ["no event", '{"seq":1}'],
    ["an unknown phase", START.replace("run.bootstrap", "run.warm_up")],
    ["a seq of 0", START.replace('"seq":1', '"seq":0')],
    ["null for absent", START.replace("}", ',"job_id":null}')],
    ["a null fact", '{"seq":1,"ts":"x","event":"log","level":"info","message":"m","a/b":{"c":[null]}}'],
    ["a finish without a status", FINISH.replace('"status":"failed",', "")],
    ["an error without a message", FINISH.replace("}", ',"error":{"code":"exit_code"}}')],
    ["a job in a state that there is not", STATE.replace("running", "walking")],
    ["partial: false", '{"seq":1,"ts":"x","event":"output","stream":"stdout","text":"","partial":false}'],
  ])("decodeEvent() says what is wrong with %s", (_name, line) => {
    expect(decodeEvent(line)).toMatchSnapshot();
  });
});
