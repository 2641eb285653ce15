import { KubeConfig } from "@kubernetes/client-node";
import { Agent, request } from "undici";

/** One request to the API server. */
export type Attempt = {
  readonly method: "DELETE" | "PATCH" | "PUT" | "POST" | "GET";
  readonly path: string;
  readonly body?: unknown;
  /** Of a patch; a merge patch by default. */
  readonly type?: string;
  /** The API server decides, and changes nothing. */
  readonly dryRun?: boolean;
};

export type Verdict = { readonly status: number; readonly message: string; readonly object: Record<string, unknown> };

/** Sends requests as any user, who has every permission. So only admission can refuse them. */
export type Attacker = {
  send(user: string, attempt: Attempt): Promise<Verdict>;
  close(): Promise<void>;
};

/** @param kubeconfig of an administrator, with client certificates; it impersonates the users */
export function openAttacker(kubeconfig: string): Attacker {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()];
  const connect = { ca: decode(cluster?.caData), cert: decode(user?.certData), key: decode(user?.keyData) };
  const agent = new Agent({ connect });
  return {
    async send(user, { method, path, body, type = "application/merge-patch+json", dryRun = false }) {
      const response = await request(`${cluster?.server}${path}${dryRun ? `${query(path)}dryRun=All` : ""}`, {
        dispatcher: agent,
        method,
        headers: {
          "impersonate-user": user,
          "impersonate-group": "system:masters",
          "content-type": method === "PATCH" ? type : "application/json",
        },
        body: body === undefined ? null : JSON.stringify(dryRun && method === "DELETE" ? dryRunOf(body) : body),
      });
      const object = (await response.body.json()) as Record<string, unknown>;
      return { status: response.statusCode, message: String(object["message"] ?? ""), object };
    },
    close: () => agent.destroy(),
  };
}

function query(path: string): string {
  return path.includes("?") ? "&" : "?";
}

/** The API server ignores the query of a deletion that has a body. */
function dryRunOf(body: unknown): unknown {
  return { ...(body as object), dryRun: ["All"] };
}

function decode(data: string | undefined): string {
  return Buffer.from(data ?? "", "base64").toString();
}
