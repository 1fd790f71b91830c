import type { FindEcosystem } from "./starter-job.ts";

/** Finds a Go module. */
export const findGo: FindEcosystem = (files) =>
  files.has("go.mod")
    ? {
        prefix: "go",
        found: "go.mod",
        jobs: [
          {
            name: "vet",
            stage: "check",
            script: ["go vet ./..."],
            note: "Jobs use the caches that Go keeps in your home folder, so none is needed here.",
          },
          { name: "build", stage: "build", script: ["go build ./..."] },
          { name: "test", stage: "test", script: ["go test ./..."] },
        ],
      }
    : undefined;
