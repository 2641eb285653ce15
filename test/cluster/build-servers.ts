/** Builds all servers into the cache, as `make up` would first do. */
import { ensureServers } from "./servers.ts";

await ensureServers();
