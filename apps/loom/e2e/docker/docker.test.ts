import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { linesOf, runExample, statusesOf, verify } from "../examples/run-example.ts";
import { makeProject, snapshots, type Project } from "../project.ts";

/** Where `.ci/run` starts an engine, and the image that it brings: a busybox. */
const HOST = process.env["LOOM_TEST_DOCKER_HOST"];
const IMAGE = process.env["LOOM_TEST_DOCKER_IMAGE"] ?? "";
const ENV = { DOCKER_HOST: HOST ?? "" };

function docker(...args: readonly string[]): string {
  return execFileSync("docker", args, { env: { ...process.env, ...ENV }, encoding: "utf8" });
}

/** Everything that an engine can keep: containers, volumes and networks. No other test file may use this engine. */
function engineObjects(): readonly string[] {
  return [
    docker("ps", "-aq", "--no-trunc"),
    docker("volume", "ls", "-q"),
    docker("network", "ls", "-q", "--no-trunc"),
  ].flatMap((list) => list.split("\n").filter((line) => line !== ""));
}

function workflow(...jobs: readonly string[]): Project {
  return makeProject({ workflow: `version: v1\nstages: [a, b]\n${jobs.join("\n")}\n` });
}

describe.skipIf(HOST === undefined)("with a container engine (LOOM_TEST_DOCKER_HOST)", () => {
  test("a job that is held keeps its container, and a shell opens in it", async () => {
    const before = engineObjects();
    const project = workflow(
      `make:
  stage: a
  image: ${IMAGE}
  carry: [cwd, env]
  script:
    - mkdir made; cd made; export COLOUR="dark red"
    - test -e fixed
    - ls; echo "$COLOUR"`,
    );
    const run = project.start(["run", "--stream", "--pause-on-failure"], ENV);
    await run.said("held");
    const input = 'pwd; echo "$COLOUR, step $LOOM_STEP"; cat /etc/loom-image; touch fixed\n';
    expect(project.loom(["ctl", "shell", "make"], ENV, input)).toEqual({
      exitCode: 0,
      stdout: "/workspace/made\ndark red, step 2\nan image of loom's tests\n",
      stderr: "",
    });
    expect(project.loom(["ctl", "retry-step", "make"]).exitCode).toBe(0);
    const { exitCode, stdout } = await run.ended;
    expect(exitCode).toBe(0);
    expect(stdout).toContain("make│ fixed\nmake│ dark red\n");
    expect(project.verdict()).toBe("valid");
    expect(engineObjects()).toEqual(before);
  });

  test("a job with an image runs in a container of it, in the workspace, and nothing of it is left", () => {
    const before = engineObjects();
    const project = workflow(
      `make:
  stage: a
  image: ${IMAGE}
  variables: {COLOUR: dark red}
  artifacts: {paths: [made.txt]}
  script:
    - echo "$LOOM_PROVIDER in $(pwd), $LOOM_PROJECT_DIR, step $LOOM_STEP, $COLOUR, [$HOME_OF_CALLER]"; cat /etc/loom-image
    - echo made > made.txt
    - sleep 1000 & echo out; echo err >&2`,
      `use: {stage: b, script: [cat made.txt]}`,
    );
    const { exitCode, stdout } = project.loom(["run", "--stream"], { ...ENV, HOME_OF_CALLER: "not seen" });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("docker in /workspace, /workspace, step 1, dark red, []");
    expect(stdout).toContain("an image of loom's tests");
    expect(stdout).toMatch(/use *│ made/u);
    expect(stdout).toMatch(/now ended: "sleep 1000" \(\d+\)/u);
    const { jobManifest, events } = project.lastRun();
    expect(jobManifest("make")).toMatchObject({ status: "success", provider: "docker" });
    const [, note] = events("jobs/make/system/provider/events.jsonl").filter(({ event }) => event === "log");
    expect(note).toMatchObject({ image: IMAGE, image_id: expect.stringMatching(/^sha256:/u) as string });
    expect(project.verdict()).toBe("valid");
    expect(engineObjects()).toEqual(before);
  });

  test("a job works in a volume of its own, out of which only artifacts and caches come", () => {
    const before = engineObjects();
    const jobs = [
      `make: {stage: a, artifacts: {paths: [from-host/]}, script: [mkdir from-host && echo of the host > from-host/note, echo x > unshared]}`,
      `change:
  stage: b
  image: {name: "${IMAGE}", user: "1234:56"}
  cache: {key: fixed, paths: [kept/]}
  artifacts: {paths: ["dist/**/*.txt"], when: always}
  script:
    - cat tracked from-host/note; test ! -e unshared; ls kept 2>/dev/null || echo no cache yet
    - stat -c %u . tracked; test -d "$(cat .git/objects/info/alternates)"
    - echo changed > tracked; mkdir -p dist/deep kept; echo of the container > dist/deep/out.txt; echo > dist/left.md
    - echo cached > kept/file; ln -s /etc dist/outside.txt
    - ln -s /workspace/tracked dist/deep/absolute.txt; ln -s ../../tracked dist/deep/relative.txt; ln dist/deep/out.txt dist/deep/hard.txt`,
    ];
    const project = workflow(...jobs);
    writeFileSync(join(project.root, "tracked"), "as committed\n");
    const git = (...args: readonly string[]): Buffer =>
      execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@b.c", ...args], { cwd: project.root });
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "one");
    const { env } = snapshots();
    const first = project.loom(["run", "--stream"], { ...ENV, ...env });
    expect(first.stdout).toMatch(
      /│ as committed\n.*│ of the host\n.*│ no cache yet\n.*│ \$ stat.*\n.*│ 1234\n.*│ 1234\n/u,
    );
    expect(first.exitCode).toBe(0);
    expect(readFileSync(join(project.root, "tracked"), "utf8")).toBe("as committed\n");
    const { directory, receipt, events } = project.lastRun();
    const artifacts = join(directory, "jobs/change/artifacts");
    expect(readFileSync(join(artifacts, "dist/deep/out.txt"), "utf8")).toBe("of the container\n");
    const links = readdirSync(join(artifacts, "dist"), { recursive: true, encoding: "utf8" });
    expect(new Set(links)).toEqual(
      new Set(["deep", "deep/absolute.txt", "deep/hard.txt", "deep/out.txt", "deep/relative.txt"]),
    );
    expect(readlinkSync(join(artifacts, "dist/deep/absolute.txt"))).toBe("../../tracked");
    expect(readFileSync(join(artifacts, "dist/deep/hard.txt"), "utf8")).toBe("of the container\n");
    const [note, ...more] = events("jobs/change/system/provider/events.jsonl").filter(
      (event) => event.event === "log" && "volume" in event,
    );
    expect(note).toMatchObject({ volume: expect.stringMatching(/^[0-9a-f]{64}$/u) as string });
    expect(more).toEqual([]);
    expect(readFileSync(join(receipt.snapshot_path ?? "", "tracked"), "utf8")).toBe("as committed\n");
    expect(project.verdict()).toBe("valid");
    // The cache of the first run comes into the volume of the second.
    expect(project.loom(["run", "--stream"], { ...ENV, ...env }).stdout).toMatch(/│ file\n/u);
    expect(engineObjects()).toEqual(before);
  });

  test.each([
    ["a flag", ["--docker-workspace-mount", "bind_mount"], {}, ""],
    ["a variable", [], { LOOM_DOCKER_WORKSPACE_MOUNT: "bind_mount" }, "ephemeral_volume"],
    ["the project's settings", [], {}, "bind_mount"],
  ])(
    "%s has the workspace mounted, and files that a job writes are there at once",
    (_, flags, env, config) => {
      const project = workflow(`j: {stage: a, image: "${IMAGE}", script: [echo made > made.txt]}`);
      if (config !== "")
        writeFileSync(
          join(project.root, ".loom/config.yml"),
          `runtime: {docker_workspace_mount: ${config}}\n`,
        );
      expect(project.loom(["run", ...flags], { ...ENV, ...env }).exitCode).toBe(0);
      expect(existsSync(join(project.root, "made.txt"))).toBe(true);
      const flag = project.loom(["run", "--docker-workspace-mount", "ephemeral_volume"], { ...ENV, ...env });
      expect(flag.exitCode).toBe(0);
    },
  );

  test("steps in a container run in the shell of their job, which the image has to have", () => {
    const project = workflow(
      `awk: {stage: a, image: "${IMAGE}", shell: [awk], script: ['BEGIN { print 6 * 7; exit 4 }']}`,
      `none: {stage: a, image: "${IMAGE}", shell: bash, script: [echo never]}`,
    );
    const { stdout } = project.loom(["run", "--stream"], ENV);
    expect(stdout).toMatch(/awk *│ 42\n/u);
    expect(stdout).toMatch(/failed +awk .*step 01 exit 4/u);
    expect(stdout).toMatch(/failed +none .*provider shell_not_found/u);
    expect(stdout).toContain(`The image "${IMAGE}" has no "bash"`);
    expect(project.verdict()).toBe("valid");
  });

  test("the name of an image and the paths of artifacts may have variables, those of a matrix too", () => {
    const [name = "", tag = ""] = IMAGE.split(":");
    const project = makeProject({
      workflow: `version: v1
stages: [a]
variables: {NAME: ${name}}
j:
  stage: a
  matrix: [{TAG: ["${tag}", none]}]
  image: {name: "$NAME:$TAG", pull_policy: never}
  artifacts: {paths: ["out-$TAG/"]}
  script: ['echo "in $LOOM_JOB_IMAGE"; mkdir out-$TAG; echo x > out-$TAG/file']
`,
    });
    const { stdout } = project.loom(["run", "--stream"], ENV);
    expect(stdout).toContain(`│ in ${IMAGE}\n`);
    expect(stdout).toContain(`The engine does not have image "${name}:none"`);
    const collected = join(project.lastRun().directory, `jobs/j-${tag}/artifacts/out-${tag}/file`);
    expect(existsSync(collected)).toBe(true);
    expect(project.verdict()).toBe("valid");
  });

  test("a failing step, a crash and a time limit end as on this machine", () => {
    const before = engineObjects();
    const project = workflow(
      `exits: {stage: a, image: "${IMAGE}", script: [exit 3]}`,
      `crashes: {stage: a, image: "${IMAGE}", script: ["kill -SEGV $$"]}`,
      `hangs: {stage: a, image: "${IMAGE}", timeout: 2s, script: ["echo on; sleep 1000"]}`,
      `stubborn: {stage: a, image: "${IMAGE}", timeout: 2s, script: ["trap '' TERM; while :; do sleep 1; done"]}`,
    );
    const { exitCode, stdout } = project.loom(["run", "-j", "4", "--grace", "500ms"], ENV);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/failed +exits .*step 01 exit 3/u);
    expect(stdout).toMatch(/failed +crashes .*step 01 SIGSEGV/u);
    expect(stdout).toMatch(/failed +hangs .*timeout/u);
    expect(stdout).toMatch(/failed +stubborn .*timeout/u);
    expect(project.verdict()).toBe("valid");
    expect(engineObjects()).toEqual(before);
  });

  test("a container without memory is told apart from a step that is killed or ends with 137", async () => {
    const project = workflow(
      `hungry: {stage: a, image: "${IMAGE}", script: ["echo on; while [ ! -e /go ]; do sleep 0.1; done; tail /dev/zero"]}`,
      `killed: {stage: a, image: "${IMAGE}", script: ["kill -KILL $$"]}`,
      `exits: {stage: a, image: "${IMAGE}", script: ["exit 137"]}`,
    );
    const run = project.start(["run", "--stream", "-j", "3"], ENV);
    await run.said("on\n");
    const filter = `label=loom.job=hungry`;
    const container = docker("ps", "-q", "--filter", filter).trim();
    docker("update", "--memory", "24m", "--memory-swap", "24m", container);
    docker("exec", container, "touch", "/go");
    const { exitCode, stdout } = await run.ended;
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/failed +hungry .*step 01 out_of_memory/u);
    expect(stdout).toContain("Step 1 was killed: its container had no memory left");
    for (const job of ["killed", "exits"])
      expect(stdout).toMatch(new RegExp(`failed +${job} .*step 01 SIGKILL`, "u"));
    expect(project.verdict()).toBe("valid");
    const explained = project.loom(["explain", "hungry", "--json"]).stdout;
    expect(JSON.parse(explained)).toMatchObject({
      failure: { error: { code: "out_of_memory" }, meaning: { code: "out_of_memory" } },
    });
  });

  test("a secret reaches a container as a file and as a variable, and no file of the evidence", () => {
    const project = workflow(`j:
  stage: a
  image: ${IMAGE}
  secrets: {TOKEN: {ref: "env://MY_TOKEN", file: false}, KEY: {ref: "env://MY_KEY"}}
  script: ['echo "$TOKEN"; wc -c < "$KEY"; cat "$KEY"']`);
    const secrets = { MY_TOKEN: "s3cr3t-token", MY_KEY: "s3cr3t-key-of-22-chars" };
    const { exitCode, stdout } = project.loom(["run", "--stream"], { ...ENV, ...secrets });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/│ \[REDACTED:SECRET_TOKEN\]\n.*│ 22\n.*│ \[REDACTED:SECRET_KEY\]/u);
    const folder = join(project.root, ".loom/.runtime");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8", withFileTypes: true });
    for (const file of files.filter((each) => each.isFile()))
      expect(readFileSync(join(file.parentPath, file.name), "utf8")).not.toMatch(/s3cr3t/u);
  });

  test("services are on a network with the job, ready before it begins, and what they printed is kept", () => {
    const before = engineObjects();
    const serve =
      "mkdir /www; echo served > /www/index.html; echo $GREETING; sleep 1; exec httpd -f -p 8080 -h /www";
    const project = workflow(`j:
  stage: a
  image: ${IMAGE}
  variables: {WHO: you}
  services:
    - name: ${IMAGE}
      alias: web
      variables: {GREETING: hello $WHO}
      command: ${JSON.stringify(["sh", "-c", serve])}
      healthcheck: {test: "wget -qO- http://localhost:8080/", interval: 200ms, retries: 50}
    - name: ${IMAGE}
      command: [sh, -c, "while :; do sleep 1; done"]
  script: ["wget -qO- http://web:8080/", "ping -c 1 busybox > /dev/null && echo reached"]`);
    const { exitCode, stdout } = project.loom(["run", "--stream", "--grace", "1s"], ENV);
    expect(stdout).toMatch(/│ served\n/u);
    expect(stdout).toMatch(/│ reached\n/u);
    expect(exitCode).toBe(0);
    const { events } = project.lastRun();
    const cleanup = events("jobs/j/system/cleanup/events.jsonl");
    expect(cleanup.flatMap((event) => (event.event === "output" ? event.text : []))).toContain("hello you");
    expect(project.verdict()).toBe("valid");
    expect(engineObjects()).toEqual(before);
  });

  test.each([
    ["ends", "echo I cannot; exit 4", "web ended with exit code 4 before it was ready", ""],
    [
      "does not take connections",
      "echo I wait; sleep 1000",
      "web was not ready within 2.0 s",
      'healthcheck: {test: "false", interval: 100ms, retries: 100}',
    ],
    [
      "is not healthy",
      "echo I am ill; sleep 1000",
      "web is not healthy",
      'healthcheck: {test: "false", interval: 100ms, retries: 2}',
    ],
  ])("a service that %s fails its job with its last lines", (_, script, words, check) => {
    const before = engineObjects();
    const project = workflow(`j:
  stage: a
  image: ${IMAGE}
  services:
    - {name: "${IMAGE}", alias: web, ready_timeout: 2s, command: ${JSON.stringify(["sh", "-c", script])}, ${check}}
  script: [echo never]`);
    const { exitCode, stdout } = project.loom(["run"], ENV);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/failed +j .*services service_not_ready/u);
    expect(stdout).toContain(words);
    expect(stdout).toContain(script.split(/[ ;]/u).slice(1, 3).join(" "));
    expect(project.verdict()).toBe("valid");
    expect(engineObjects()).toEqual(before);
  });

  test("an image is built from the workspace before the job runs in it", () => {
    const project = workflow(`j:
  stage: a
  image:
    name: loom-test/built
    build: {context: docker, dockerfile: docker/ci.Dockerfile, args: {WORD: from $LOOM_JOB_ID}, target: one}
  script: [cat /built, "test ! -e /all/left-out && test -e /all/taken"]`);
    mkdirSync(join(project.root, "docker"));
    writeFileSync(
      join(project.root, "docker/ci.Dockerfile"),
      `FROM ${IMAGE} AS one\nARG WORD\nRUN echo "built $WORD" > /built\nCOPY . /all\nFROM one AS two\nRUN exit 9\n`,
    );
    for (const name of ["left-out", "taken", ".dockerignore"])
      writeFileSync(join(project.root, "docker", name), name === ".dockerignore" ? "left-out\n" : "");
    const { exitCode, stdout } = project.loom(["run", "--stream"], ENV);
    docker("image", "rm", "-f", "loom-test/built");
    expect(stdout).toMatch(/│ built from j\n/u);
    expect(exitCode).toBe(0);
    const build = project.lastRun().events("jobs/j/system/image_build/events.jsonl");
    expect(build.some((event) => event.event === "output" && event.text.startsWith("Step 1/"))).toBe(true);
    expect(project.verdict()).toBe("valid");
  });

  test("a job runs as the user and behind the entrypoint that it names, and never pulls if it says so", () => {
    const project = workflow(
      `j:
  stage: a
  image:
    name: ${IMAGE}
    user: "1234:56"
    platform: linux/${process.arch === "arm64" ? "arm64" : "amd64"}
    entrypoint: [env, FROM_ENTRYPOINT=yes]
    pull_policy: never
  script: [id -u; id -g, grep -o FROM_ENTRYPOINT=yes /proc/1/environ]`,
      `missing: {stage: a, image: {name: loom-test/there-is-no-such, pull_policy: never}, script: [echo never]}`,
    );
    const { exitCode, stdout } = project.loom(["run", "--stream"], ENV);
    expect(stdout).toMatch(/│ 1234\n.*│ 56\n.*│ .*\n.*│ FROM_ENTRYPOINT=yes\n/u);
    expect(stdout).toMatch(/failed +missing .*provider image_not_found/u);
    expect(exitCode).toBe(1);
  });

  test("a job with a workspace of its own builds its image from that, and hands on artifacts only", () => {
    const project = workflow(
      `default: {workspace: own}`,
      `make:
  stage: a
  image: {name: loom-test/own, build: {}}
  artifacts: {paths: [made.txt]}
  script: [cat /word > made.txt, touch other.txt]`,
      `use: {stage: b, image: "${IMAGE}", script: [cat made.txt, test ! -e other.txt]}`,
    );
    writeFileSync(join(project.root, "Dockerfile"), `FROM ${IMAGE}\nCOPY word /word\n`);
    writeFileSync(join(project.root, "word"), "from the workspace\n");
    const { exitCode, stdout } = project.loom(["run", "--stream"], { ...ENV, ...snapshots().env });
    docker("image", "rm", "-f", "loom-test/own");
    expect(stdout).toMatch(/use *│ from the workspace\n/u);
    expect(exitCode).toBe(0);
    expect(project.verdict()).toBe("valid");
  });

  test("an image that cannot be built fails its job with what the builder says", () => {
    const project = workflow(
      `j: {stage: a, image: {name: loom-test/broken, build: {}}, script: [echo never]}`,
    );
    writeFileSync(join(project.root, "Dockerfile"), `FROM ${IMAGE}\nRUN echo so far; exit 9\n`);
    const { exitCode, stdout } = project.loom(["run"], ENV);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/failed +j .*image_build image_build_failed/u);
    expect(stdout).toContain("so far");
    expect(stdout).toContain("non-zero code: 9");
    expect(project.verdict()).toBe("valid");
  });

  test("the example counts words in a container with a service beside it", async () => {
    const before = engineObjects();
    onTestFinished(() => void docker("image", "rm", "-f", "loom-example/words"));
    const env = { ...ENV, WORDS_SIGNING_KEY: "s1gning-k3y" };
    const run = await runExample("containers", ["--var", `BASE=${IMAGE}`], env);
    expect(statusesOf(run.receipt)).toEqual({ collect: "success", count: "success", check: "success" });
    expect(run.exitCode).toBe(0);
    const artifacts = join(run.logsDir, "jobs/count/artifacts/out");
    const counts = readFileSync(join(artifacts, "counts.txt"), "utf8");
    expect(counts.split("\n").slice(0, 3)).toEqual(["8 the", "5 is", "4 ferry"]);
    const sum = createHash("sha256").update(`s1gning-k3y${counts}`).digest("hex");
    expect(readFileSync(join(artifacts, "counts.sha256"), "utf8")).toBe(`${sum}  -\n`);
    expect(linesOf(run.logsDir, "jobs/count/system/cleanup/events.jsonl")).toEqual([
      "the store is at port 8080",
    ]);
    expect(await verify(run.logsDir)).toEqual({ exitCode: 0, status: "valid", violations: [] });
    expect(engineObjects()).toEqual(before);
  });

  test("an image is pulled as whoever docker login has kept for its registry", async () => {
    const asked: (string | undefined)[] = [];
    const wanted = `Basic ${Buffer.from("ann:s3cret").toString("base64")}`;
    const registry = createServer(({ url = "", headers: { authorization } }, answer) => {
      if (url.includes("/manifests/")) asked.push(authorization);
      if (authorization !== wanted) {
        answer.writeHead(401, { "www-authenticate": 'Basic realm="loom"' });
        return void answer.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
      }
      answer.writeHead(url === "/v2/" ? 200 : 404, { "content-type": "application/json" });
      answer.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
    });
    await once(registry.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void registry.close());
    const name = `localhost:${(registry.address() as AddressInfo).port}`;
    const project = workflow(`j: {stage: a, image: "${name}/no/such:1", script: [echo never]}`);
    const config = { auths: { [name]: { auth: wanted.slice("Basic ".length) } } };
    writeFileSync(join(project.root, "config.json"), JSON.stringify(config));
    const pulled = async (env: object): Promise<string> => {
      const run = project.start(["run"], { ...ENV, ...env });
      return (await run.ended).stdout;
    };
    expect(await pulled({ DOCKER_CONFIG: join(project.root, ".loom") })).toMatch(/image_pull_denied/u);
    expect(asked).not.toContain(wanted);
    expect(await pulled({ DOCKER_CONFIG: project.root })).toMatch(/image_not_found/u);
    expect(asked).toContain(wanted);
  });

  test("loom clean removes what runs that are over have left in the engine, and built images, but nothing of a run that goes on", async () => {
    const before = engineObjects();
    const project = workflow(
      `j: {stage: a, image: {name: loom-test/cleaned, build: {}}, script: ["echo on; sleep 1000"]}`,
    );
    writeFileSync(join(project.root, "Dockerfile"), `FROM ${IMAGE}\nRUN echo > /new\n`);
    const labels = ["--label", "loom.run=loom-run-local-7", "--label", `loom.project=${project.root}`];
    const others = ["--label", "loom.run=loom-run-local-7", "--label", "loom.project=/some/other"];
    docker("run", "-d", "--network", "none", ...labels, IMAGE, "sleep", "1000");
    docker("volume", "create", ...labels);
    const foreign = docker("volume", "create", ...others).trim();
    onTestFinished(() => void docker("volume", "rm", foreign));
    const run = project.start(["run", "--stream"], ENV);
    await run.said("on\n");
    const running = engineObjects().length;
    const first = project.loom(["clean"], ENV);
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    expect(first.stdout).toContain("removed  1 container, 1 volume of the container engine\n");
    expect(engineObjects()).toHaveLength(running - 2);
    run.process.kill("SIGINT");
    await run.ended;
    expect(docker("images", "-q", "loom-test/cleaned")).not.toBe("");
    const second = project.loom(["clean", "--json"], ENV);
    expect(JSON.parse(second.stdout)).toMatchObject({
      engine: { containers: 0, volumes: 0, networks: 0, images: 1 },
      failed: [],
    });
    expect(docker("images", "-q", "loom-test/cleaned")).toBe("");
    expect(new Set(engineObjects())).toEqual(new Set([...before, foreign]));
  });

  test("containers of a killed loom are removed at once, and the next run closes its evidence", async () => {
    const before = engineObjects();
    const project = workflow(`j: {stage: a, image: "${IMAGE}", script: ["echo on; sleep 1000"]}`);
    const run = project.start(["run", "--stream"], ENV);
    await run.said("on\n");
    expect(engineObjects().length).toBeGreaterThan(before.length);
    run.process.kill("SIGKILL");
    await run.ended;
    await expect.poll(engineObjects, { timeout: 30_000 }).toEqual(before);
    expect(project.loom(["recover", "last"], ENV).exitCode).toBe(0);
    expect(project.verdict()).toBe("valid");
    expect(readdirSync(join(project.root, ".loom/.runtime/active"))).toEqual([]);
  });

  test("a build ends with the loom that was killed, and leaves no container and no image", async () => {
    const before = [...engineObjects(), docker("images", "-aq")];
    const project = workflow(
      `j: {stage: a, image: {name: loom-test/never, build: {}}, script: [echo never]}`,
    );
    writeFileSync(join(project.root, "Dockerfile"), `FROM ${IMAGE}\nRUN echo on; sleep 1000\n`);
    const run = project.start(["run", "--stream"], ENV);
    await expect.poll(() => docker("ps", "-q"), { timeout: 30_000 }).not.toBe("");
    run.process.kill("SIGKILL");
    await run.ended;
    await expect
      .poll(() => [...engineObjects(), docker("images", "-aq")], { timeout: 30_000 })
      .toEqual(before);
    expect(project.loom(["recover", "last"], ENV).exitCode).toBe(0);
    expect(project.verdict()).toBe("valid");
  });

  test("Ctrl-C ends the containers, and the run closes", async () => {
    const before = engineObjects();
    const project = workflow(`j: {stage: a, image: "${IMAGE}", script: ["echo on; sleep 1000"]}`);
    const run = project.start(["run", "--stream"], ENV);
    await run.said("on\n");
    run.process.kill("SIGINT");
    expect((await run.ended).exitCode).toBe(130);
    expect(engineObjects()).toEqual(before);
    expect(project.verdict()).toBe("valid");
  });

  test.each([
    ["no-such-registry.invalid/no/such:image", /failed +j .*provider (?:image_|engine_)/u],
    ["loom-test/there-is-no-such:image", /failed +j .*provider (?:image_|engine_)/u],
  ])("a job fails at its set-up for the image %s", (image, expected) => {
    const project = workflow(`j: {stage: a, image: "${image}", script: [echo never]}`);
    const { exitCode, stdout } = project.loom(["run"], ENV);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(expected);
    expect(stdout).not.toContain("never");
    expect(project.verdict()).toBe("valid");
  });
});

/** Starts or stops an engine of the test's own. @returns Its address. */
function testEngine(action: "start" | "stop", folder: string): string {
  const script = join(import.meta.dirname, "../../../../tooling/scripts/test-engine.sh");
  const said = execFileSync("bash", [script, action, "docker", folder], { encoding: "utf8" });
  return /^LOOM_TEST_DOCKER_HOST=(.*)$/mu.exec(said)?.[1] ?? "";
}

test.skipIf(HOST === undefined)(
  "an engine that dies in the middle of a step fails the job in words, and once it is back nothing is left",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "loom-engine-"));
    onTestFinished(() => void testEngine("stop", folder));
    const env = { DOCKER_HOST: testEngine("start", folder) };
    const project = workflow(
      `j: {stage: a, image: "${IMAGE}", script: ["echo on; sleep 1000", echo never]}`,
      `after: {stage: b, script: [echo never]}`,
    );
    const run = project.start(["run", "--stream"], env);
    await run.said("on\n");
    process.kill(Number(readFileSync(join(folder, "pid"), "utf8")), "SIGKILL");
    const { exitCode, stdout } = await run.ended;
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/failed +j .*step 01 engine_unreachable/u);
    expect(stdout).toContain("Cannot run step 1 in its container: the container engine cannot be reached");
    expect(stdout).not.toContain("never");
    const { jobManifest } = project.lastRun();
    expect(jobManifest("after")).toMatchObject({ status: "skipped", blocked_by: ["j"] });
    expect(project.verdict()).toBe("valid");
    testEngine("start", folder);
    expect(project.loom(["clean"], env)).toMatchObject({ exitCode: 0, stderr: "" });
    const left = execFileSync("docker", ["ps", "-aq"], { env: { ...process.env, ...env }, encoding: "utf8" });
    const volumes = execFileSync("docker", ["volume", "ls", "-q"], {
      env: { ...process.env, ...env },
      encoding: "utf8",
    });
    expect([left, volumes]).toEqual(["", ""]);
  },
);

test("without an engine, a job with an image fails at its set-up and says what to do", () => {
  const project = workflow(`j: {stage: a, image: busybox, script: [echo never]}`);
  const socket = join(project.root, "none.sock");
  const { exitCode, stdout } = project.loom(["run"], { DOCKER_HOST: `unix://${socket}` });
  expect(existsSync(socket)).toBe(false);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/failed +j .*provider engine_unreachable/u);
  expect(stdout).toContain(
    `Cannot ask the container engine at unix://${socket} (DOCKER_HOST): the container engine cannot be reached`,
  );
  expect(project.verdict()).toBe("valid");
});
