import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // a test that asserts nothing fails
    expect: { requireAssertions: true },
    projects: [
      { extends: true, test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      // tests of the e2e cluster's code and of other test tools
      { extends: true, test: { name: "tooling", include: ["test/tooling/**/*.test.ts"] } },
      // the first run builds kustomize, which takes minutes
      { extends: true, test: { name: "manifests", include: ["test/manifests/**/*.test.ts"], hookTimeout: 600_000 } },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 240_000,
          // the servers of each file have their own loopback addresses; tests mostly wait for them
          maxWorkers: 2,
        },
      },
      {
        extends: true,
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
