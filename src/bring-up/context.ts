import type { Cluster } from "../connect/connection.ts";
import type { Custody } from "../custody/custody.ts";
import type { Recovery } from "./state.ts";

/** What bringing Vault up needs. */
export type BringUp = { readonly cluster: Cluster; readonly custody: Custody; readonly recovery: Recovery };

/** What a command did, for its answer. */
export type Outcome = { readonly changed: readonly string[]; readonly why: string };
