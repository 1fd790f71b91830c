/** An engine that tests use, and an image that it has. */
export interface TestEngine {
  readonly name: "docker" | "podman";
  readonly host: string;
  readonly image: string;
}

/** The engines that `.ci/run` starts; none where nobody did. */
export function testEngines(): readonly TestEngine[] {
  return (["docker", "podman"] as const).flatMap((name) => {
    const host = process.env[`LOOM_TEST_${name.toUpperCase()}_HOST`];
    const image = process.env[`LOOM_TEST_${name.toUpperCase()}_IMAGE`];
    return host === undefined || image === undefined ? [] : [{ name, host, image }];
  });
}
