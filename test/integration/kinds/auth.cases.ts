import type { KindCase } from "./harness.ts";

const pem = "not: it must be a certificate or key";

export const cases: readonly KindCase[] = [
  {
    example: "kubernetes-auth",
    unknown: { bao: { "auth/kubernetes/config": ["use_annotations_as_alias_metadata"] } },
    alter: {
      "auth/kubernetes/config": {
        kubernetes_ca_cert: pem,
        pem_keys: [],
        disable_local_ca_jwt: "not: Vault then reads the files of a pod",
      },
      "auth/kubernetes/role/app": {
        token_type: "default",
        token_max_ttl: "25h",
      },
    },
  },
];
