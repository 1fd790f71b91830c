import type { FindEcosystem, StarterJob } from "./starter-job.ts";

/** Finds a crate or a workspace of Cargo. Formatting and Clippy are checked where they are configured. */
export const findCargo: FindEcosystem = (files) => {
  const manifest = files.text("Cargo.toml");
  if (manifest === undefined) return undefined;
  const lockFile = files.lockFile(["Cargo.lock"]);
  const locked = lockFile === undefined ? "" : " --locked";
  const lints = [
    ...(files.has("rustfmt.toml") || files.has(".rustfmt.toml") ? ["cargo fmt --all --check"] : []),
    ...(files.has("clippy.toml") || files.has(".clippy.toml") || /^\[(?:workspace\.)?lints/mu.test(manifest)
      ? [`cargo clippy --workspace${locked}`]
      : []),
  ];
  const lint: StarterJob = { name: "lint", stage: "check", script: lints };
  return {
    prefix: "cargo",
    found: ["Cargo.toml", ...(lockFile === undefined ? [] : [lockFile])].join(", "),
    jobs: [
      ...(lints.length > 0 ? [lint] : []),
      {
        name: "build",
        stage: "build",
        script: [`cargo build --workspace${locked}`],
        ...(lockFile !== undefined && { cache: { prefix: "cargo", paths: ["target"], lockFile } }),
      },
      { name: "test", stage: "test", needs: ["build"], script: [`cargo test --workspace${locked}`] },
    ],
  };
};
