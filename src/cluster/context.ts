import type { Custody } from "../custody/custody.ts";
import type { Recovery } from "./state.ts";
import type { Cluster } from "./with-cluster.ts";

/** What bringing Vault up needs. */
export type BringUp = { readonly cluster: Cluster; readonly custody: Custody; readonly recovery: Recovery };

/** What a command did, for its answer. */
export type Outcome = { readonly changed: readonly string[]; readonly why: string };
