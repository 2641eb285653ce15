import type { Kube } from "../kube/kube.ts";
import type { Custody } from "./custody.ts";
import { secretCustody } from "./kubernetes-secret.ts";

/**
 * The custody of one Vault. No other file names the implementation.
 *
 * @param namespace the namespace that is custody's own
 */
export function openCustody(kube: Kube, namespace: string): Custody {
  return secretCustody(kube, namespace);
}
