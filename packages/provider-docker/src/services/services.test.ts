import { expect, test } from "vitest";
import { healthConfig } from "./health-config.ts";
import { listeningPorts } from "./listening-ports.ts";
import { serviceAlias } from "./service-alias.ts";

test.each([
  ["postgres", "postgres"],
  ["postgres:17", "postgres"],
  ["registry.example:5000/team/redis:8-alpine", "redis"],
  ["registry.example/redis@sha256:0123", "redis"],
  ["registry.example:5000/redis:8@sha256:0123", "redis"],
])("the host name of the service %s is %s", (image, alias) => {
  expect(serviceAlias(image)).toBe(alias);
});

test("healthConfig() gives the engine nanoseconds, and a text as a command of the shell", () => {
  const check = {
    test: "pg_isready",
    interval: "2s",
    timeout: 1,
    retries: 0,
    start_period: "1m",
    start_interval: "100ms",
  };
  expect(healthConfig(check)).toEqual({
    Test: ["CMD-SHELL", "pg_isready"],
    Interval: 2e9,
    Timeout: 1e9,
    Retries: 0,
    StartPeriod: 60e9,
    StartInterval: 1e8,
  });
  expect(healthConfig({ test: ["CMD", "true"] })).toEqual({ Test: ["CMD", "true"] });
  expect(healthConfig({ disable: true, test: "never" })).toEqual({ Test: ["NONE"] });
});

test("listeningPorts() reads the ports that listen, of both kinds of address", () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000
   1: 0100007F:1538 0100007F:9C40 01 00000000:00000000 00:00000000
  sl  local_address                         remote_address                        st
   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000
`;
  expect([...listeningPorts(text)]).toEqual([8080, 80]);
  expect([...listeningPorts("")]).toEqual([]);
});
