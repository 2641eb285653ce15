import { stringify } from "yaml";
import { deadlineIn, until } from "../../src/util/deadline.ts";
import type { KubeServer } from "./kube-server.ts";
import { render } from "./manifests.ts";

/**
 * Applies the custody namespace and its policies, as the root Application does. Returns once the API server enforces them: it takes up a
 * new policy within about a second.
 */
export async function protectCustody(kube: KubeServer): Promise<void> {
  const objects = await render("hooks/base/custody");
  await kube.apply(objects.map((each) => `---\n${stringify(each)}`).join(""));
  await until("the policies of custody to be enforced", deadlineIn(60_000), async () =>
    (await isProtected(kube)) ? true : undefined,
  );
}

/** Deletes one binding, as a person does who lifts the protection (docs/runbook.md). Returns once the API server enforces it no more. */
export async function liftProtection(kube: KubeServer): Promise<void> {
  const name = "protect-custody.vault-custody";
  await kube.kubectl(["delete", "validatingadmissionpolicybinding", "--ignore-not-found", name]);
  await until("the policies of custody to be lifted", deadlineIn(60_000), async () =>
    (await isProtected(kube)) ? undefined : true,
  );
}

async function isProtected(kube: KubeServer): Promise<boolean> {
  const deletion = kube.kubectl(["delete", "namespace", "vault-custody", "--dry-run=server"]);
  return await deletion.then(
    () => false,
    (error: Error) => {
      if (error.message.includes("protect-custody")) return true;
      throw error;
    },
  );
}
