import type { KindCase } from "./harness.ts";

export const cases: readonly KindCase[] = [
  {
    example: "audit",
    alter: {
      "sys/audit/to-file": {
        type: "not: the device would need other options",
        options: { file_path: "/tmp/vault-audit.log", log_raw: "true" },
      },
    },
  },
];
