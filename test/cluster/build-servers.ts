/** Builds all servers into the cache, the first step of `make up`. */
import { ensureServers } from "./servers.ts";

await ensureServers();
