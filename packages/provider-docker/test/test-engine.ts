/** The engine that tests use, and an image that it has. */
export interface TestEngine {
  readonly host: string;
  readonly image: string;
}

/** The engine that `.ci/run` starts; `undefined` where there is none. */
export function testEngine(): TestEngine | undefined {
  const host = process.env["LOOM_TEST_DOCKER_HOST"];
  const image = process.env["LOOM_TEST_DOCKER_IMAGE"];
  return host === undefined || image === undefined ? undefined : { host, image };
}
