import type { Api } from "./api.ts";

/** The fields of an entry in Vault's audit log that the tests use. */
export type AuditEntry = {
  readonly time: string;
  readonly type: string;
  readonly auth?: { readonly metadata?: Readonly<Record<string, string>> | null };
  readonly request: {
    readonly operation: string;
    readonly path: string;
    /** Values are hashed, also inside lists and maps. */
    readonly data?: Readonly<Record<string, unknown>>;
  };
};

const reads = new Set(["read", "list", "help"]);

/**
 * Reads the completed requests in the audit logs of all members, oldest first. They are in the pods' logs, since the sample's
 * audit device writes to standard output.
 */
export async function readAudit(api: Api): Promise<AuditEntry[]> {
  const logs = await Promise.all(
    ["vault-0", "vault-1", "vault-2"].map((pod) =>
      api.text(`/api/v1/namespaces/vault/pods/${pod}/log?container=vault`),
    ),
  );
  return logs
    .flatMap((log) => log.split("\n"))
    .flatMap((line) => parse(line) ?? [])
    .filter(({ type }) => type === "response")
    .sort((a, b) => (a.time < b.time ? -1 : 1));
}

/** Filters the entries that are writes. */
export function writesOf(entries: readonly AuditEntry[]): AuditEntry[] {
  return entries.filter(({ request }) => !reads.has(request.operation));
}

/** @returns the ServiceAccount that made a request; "" if its token does not come from a Kubernetes login */
export function accountOf({ auth }: AuditEntry): string {
  return auth?.metadata?.["service_account_name"] ?? "";
}

function parse(line: string): AuditEntry | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const entry = JSON.parse(line) as Partial<AuditEntry>;
    return entry.time && entry.type && entry.request ? (entry as AuditEntry) : undefined;
  } catch {
    return undefined; // an incomplete last line
  }
}
