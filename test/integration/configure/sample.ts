import type { Outcome } from "../../helpers/run-cli.ts";
import type { Files } from "./fixture.ts";

/** Like hooks/config, with an audit device whose log a test can read, and a KV mount of version 1. */
export function desired(auditFile: string): Files {
  return {
    "vault.yaml": `
policies:
  dev: { file: policies/dev.hcl }
auth:
  demo-auth-mount:
    type: kubernetes
    description: logins of ServiceAccounts
    tune: { default_lease_ttl: 1h }
    config: { kubernetes_host: "https://kubernetes.default.svc" }
    roles:
      role1:
        bound_service_account_names: [default]
        bound_service_account_namespaces: [app]
        token_policies: [dev]
        audience: vault
        token_ttl: 24h
secrets:
  kvv2:
    type: kv
    options: { version: "2" }
    values:
      webapp/config: { username: static-user, password: { generate: { length: 32 } } }
  kvv1:
    type: kv
    options: { version: "1" }
    values:
      legacy: { password: { generate: { length: 20, charset: hex } } }
  demo-transit:
    type: transit
    keys:
      vso-client-cache: { auto_rotate_period: 720h }
audit:
  file: { type: file, options: { file_path: ${auditFile} } }
`,
    "policies/dev.hcl": 'path "kvv2/*" {\n  capabilities = ["read"]\n}\n',
  };
}

export type Json = Record<string, unknown>;
type Applied = { done: Json[]; failed: Json[]; blocked: Json[] };
type Planned = { changes: Json[]; troubles: Json[]; blocked: Json[]; unchanged: number };

/** The plan that a run printed. */
export const planOf = (outcome: Outcome) => part(outcome, "plan") as Planned;
/** The outcome that a run printed. */
export const appliedOf = (outcome: Outcome) => part(outcome, "applied") as Applied;
/** The last line of a run's log, which is its error. */
export const failure = ({ stderr }: Outcome) => JSON.parse(stderr.trim().split("\n").at(-1) ?? "{}") as Json;

/** The warnings that a command logged. */
export function warningsOf({ stderr }: Outcome): Json[] {
  const lines = stderr.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Json).filter(({ level }) => level === "warn");
}

export function part({ stdout }: Outcome, name: string): unknown {
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Json).find((line) => name in line)?.[name];
}
