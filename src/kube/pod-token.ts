import { readFile } from "node:fs/promises";
import type { KubeConfig, User } from "@kubernetes/client-node";

type Authenticator = Parameters<KubeConfig["addAuthenticator"]>[0];

/** In milliseconds, as in client-go. The kubelet renews the token in its file long before it expires. */
const rereadMs = 60_000;

/** Marks the user whose token is in a file. */
const provider = "pod-token-file";

/**
 * Logs in with a token file that is read anew once a minute. client-node's own reader measures by the wall clock: one that is set
 * back would keep it from reading until the token has expired.
 *
 * @param clock in milliseconds; must never jump
 */
export function tokenFile(file: string, clock = () => performance.now()): { user: User; authenticator: Authenticator } {
  let read: { readonly token: string; readonly at: number } | undefined;
  return {
    user: { name: provider, authProvider: { name: provider } },
    authenticator: {
      isAuthProvider: (user) => user.authProvider?.name === provider,
      async applyAuthentication(_user, options) {
        if (read === undefined || clock() - read.at > rereadMs)
          read = { token: (await readFile(file, "utf8")).trim(), at: clock() };
        Object.assign(options.headers ?? {}, { Authorization: `Bearer ${read.token}` });
      },
    },
  };
}
