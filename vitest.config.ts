import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      // the cluster that the e2e makes, and other tools of the tests
      { test: { name: "tooling", include: ["test/tooling/**/*.test.ts"] } },
      // what kustomize makes of hooks/ and apps/: it is built first
      { test: { name: "manifests", include: ["test/manifests/**/*.test.ts"], hookTimeout: 600_000 } },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 240_000,
          // each file's servers have loopback addresses of their own; most of the time is spent in waiting for them
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 3_600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
