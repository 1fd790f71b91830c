import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryDirectory } from "@loom/testkit";
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { anyEvent } from "../../test/arbitrary-events.ts";
import { recordFailingRun } from "../../test/record-failing-run.ts";
import { readTree } from "../../test/read-tree.ts";
import { decodeEvent } from "../codec/decode-event.ts";
import { encodeEvent } from "../codec/encode-event.ts";
import type { Receipt } from "../documents/receipt.ts";
import type { ArtifactSchemas } from "./artifact-schemas.ts";
import { loadSchemas } from "./load-schemas.ts";

const schemas = await loadSchemas();

describe("loadSchemas()", () => {
  test("loadSchemas() accepts every record that encodeEvent() writes", () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const value: unknown = JSON.parse(encodeEvent(event));
        expect(schemas.event.parse(value)).toStrictEqual(event);
      }),
    );
  });

  test("loadSchemas() judges records as decodeEvent() does", () => {
    const damage = fc.constantFrom<unknown>(undefined, null, 0, 1.5, "", "x", true, [], {}, [null]);
    fc.assert(
      fc.property(anyEvent, fc.nat(), damage, (event, place, value) => {
        const record = JSON.parse(encodeEvent(event)) as Record<string, unknown>;
        const names = Object.keys(record);
        record[names[place % names.length] ?? ""] = value;
        const damaged: unknown = JSON.parse(JSON.stringify(record));
        expect(schemas.event.safeParse(damaged).success).toBe(decodeEvent(damaged).ok);
      }),
      { numRuns: 500 },
    );
  });

  test("loadSchemas() describes every document of a run, with its keys in the order they are written", () => {
    const { directory, receiptPath } = recordFailingRun(temporaryDirectory(), 7n);
    const documents = readTree(directory);
    const check = (schema: z.ZodType, text: string | undefined): void => {
      const value: unknown = JSON.parse(text ?? "");
      expect(schema.parse(value)).toStrictEqual(value);
      expect(text).toBe(`${JSON.stringify(inOrder(z.toJSONSchema(schema), value), undefined, 2)}\n`);
    };
    check(schemas.receipt, readFileSync(receiptPath, "utf8"));
    check(schemas.runSummary, documents["summary.json"]);
    check(schemas.pipelineSummary, documents["pipeline/summary.json"]);
    check(schemas.pipelineManifest, documents["pipeline/manifest.json"]);
    for (const job of ["build", "test", "image", "deploy"]) {
      check(schemas.jobSummary, documents[`jobs/${job}/summary.json`]);
      check(schemas.jobManifest, documents[`jobs/${job}/manifest.json`]);
    }
    check(schemas.stepSummary, documents["jobs/test/user/execution/script/02/summary.json"]);
    check(schemas.sectionSummary, documents["jobs/image/system/image_build/summary.json"]);
    check(schemas.sectionSummary, documents["jobs/build/system/cache_restore/summary.json"]);
  });

  test("loadSchemas() gives the types of the documents", () => {
    expectTypeOf<z.infer<ArtifactSchemas["receipt"]>>().toEqualTypeOf<Receipt>();
  });

  test("loadSchemas() is the only one that loads zod", async () => {
    const script = `
      import { createRequire, registerHooks } from "node:module";
      registerHooks({ load(url, context, next) { if (url.includes("/zod/")) console.log(url); return next(url, context); } });
      await import(${JSON.stringify(import.meta.resolve("../index.ts"))});
      console.log("loaded");
    `;
    const args = ["--conditions=@loom/source", "--input-type=module", "-e", script];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: join(import.meta.dirname, "../.."),
    });
    expect(stdout).toBe("loaded\n");
  });
});

/** The value with the keys of its objects in the order in which the schema names them. */
function inOrder(schema: unknown, value: unknown): unknown {
  if (typeof schema !== "object" || schema === null) return value;
  if (Array.isArray(value) && "items" in schema) return value.map((item) => inOrder(schema.items, item));
  if (typeof value !== "object" || value === null || !("properties" in schema)) return value;
  const entries = Object.entries(schema.properties as Record<string, unknown>).flatMap(([name, field]) =>
    name in value ? [[name, inOrder(field, (value as Record<string, unknown>)[name])]] : [],
  );
  return Object.fromEntries(entries) as unknown;
}
