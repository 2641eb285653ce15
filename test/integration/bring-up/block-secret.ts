import { setTimeout as delay } from "node:timers/promises";
import type { KubeServer } from "../../helpers/kube-server.ts";

/** While it is in place, the API server refuses one kind of write of one Secret in custody, and allows its dry run. */
export type SecretBlock = { lift(): Promise<void> };

/** Blocks by a real admission rule, which has taken effect when this returns. */
export async function blockSecret(
  kube: KubeServer,
  operation: "CREATE" | "DELETE",
  secret: string,
): Promise<SecretBlock> {
  const subject = operation === "CREATE" ? "object" : "oldObject";
  const metadata = { name: "block-secret" };
  const policy = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata,
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: [operation], resources: ["secrets"] }],
      },
      validations: [
        {
          expression: `!(${subject}.metadata.name in ['${secret}', 'probe']) || (has(request.dryRun) && request.dryRun)`,
          message: "blocked by a test",
          reason: "Forbidden",
        },
      ],
    },
  };
  const binding = {
    apiVersion: policy.apiVersion,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata,
    spec: { policyName: "block-secret", validationActions: ["Deny"] },
  };
  const probe = ["-n", "vault-custody", "create", "secret", "generic", "probe"];
  const remove = ["-n", "vault-custody", "delete", "secret", "probe", "--ignore-not-found"];
  const [refused, undo] = operation === "CREATE" ? [probe, remove] : [remove, probe];
  if (operation === "DELETE") await kube.kubectl(probe);
  await kube.apply(`${JSON.stringify(policy)}\n---\n${JSON.stringify(binding)}`);
  for (let tries = 0; !(await isRefused(kube, refused)); tries++) {
    if (tries > 100) throw new Error("the admission rule does not take effect");
    await kube.kubectl(undo);
    await delay(100);
  }
  return {
    async lift() {
      await kube.kubectl(["delete", "validatingadmissionpolicybinding,validatingadmissionpolicy", "block-secret"]);
      // the API server applies it a moment later
      while (await isRefused(kube, refused)) await delay(100);
      await kube.kubectl(remove);
    },
  };
}

async function isRefused(kube: KubeServer, args: string[]): Promise<boolean> {
  try {
    await kube.kubectl(args);
    return false;
  } catch (error) {
    if (String(error).includes("blocked by a test")) return true;
    throw error;
  }
}
