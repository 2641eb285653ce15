/** Builds the cluster's servers into the cache, the first step of `make up`. */
import { ensureServers } from "./servers.ts";

await ensureServers();
