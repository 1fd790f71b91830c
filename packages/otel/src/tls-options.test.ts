import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { tlsOptions } from "./tls-options.ts";

test("tlsOptions() reads what the variables name, those for traces first, and passes over what it cannot", () => {
  const folder = temporaryDirectory();
  for (const name of ["ca", "other", "key"]) writeFileSync(join(folder, name), name);
  expect(tlsOptions({})).toEqual({});
  expect(
    tlsOptions({
      OTEL_EXPORTER_OTLP_CERTIFICATE: join(folder, "other"),
      OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: join(folder, "ca"),
      OTEL_EXPORTER_OTLP_CLIENT_KEY: join(folder, "key"),
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: join(folder, "none"),
    }),
  ).toEqual({ ca: Buffer.from("ca"), key: Buffer.from("key") });
});
