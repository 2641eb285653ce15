import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ensurePackages } from "../cluster/host.ts";
import { attempt, run } from "../cluster/run.ts";
import { freeBlock } from "./loopback.ts";
import { launch } from "./server-process.ts";
import { tempDir } from "./temp-dir.ts";

/** A real PostgreSQL server from Debian's package, with password authentication. */
export type Postgres = {
  /** `host:port` */
  readonly address: string;
  /** Runs one statement as the superuser. @returns psql's output */
  sql(statement: string): Promise<string>;
  /** @returns whether the user can log in with the password */
  canLogIn(user: string, password: string): Promise<boolean>;
  close(): Promise<void>;
};

const versions = "/usr/lib/postgresql";
/** PostgreSQL refuses to run as root. A change of user clears PR_SET_PDEATHSIG, so it is set again here. */
const asPostgres = ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig", "KILL", "--"];

/** Starts a new server and waits until it accepts connections. Installs PostgreSQL if it is missing. */
export async function startPostgres(): Promise<Postgres> {
  if (!existsSync(versions)) await ensurePackages(["postgresql"]);
  const bin = join(versions, (await readdir(versions)).sort().at(-1) ?? "", "bin");
  const dir = await tempDir("postgres");
  const host = `${await freeBlock(5432)}10`;
  const data = join(dir, "data");
  await mkdir(data);
  await run("chown", ["-R", "postgres:postgres", dir]);
  await chmod(dir, 0o755);
  const initdb = ["-D", data, "-U", "postgres", "--locale=C", "--auth-local=trust", "--auth-host=scram-sha-256"];
  await run("setpriv", [...asPostgres, join(bin, "initdb"), ...initdb]);
  const args = ["-D", data, "-h", host, "-p", "5432", "-k", dir, "-c", "fsync=off"];
  const server = launch({
    name: "postgres",
    command: "setpriv",
    args: [...asPostgres, join(bin, "postgres"), ...args],
    logFile: join(dir, "postgres.log"),
  });
  const psql = join(bin, "psql");
  const psqlFlags = ["-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d", "postgres"];
  await server.ready(
    async () => (await attempt(psql, [...psqlFlags, "-h", dir, "-U", "postgres", "-c", "SELECT 1"])).code === 0,
  );
  return {
    address: `${host}:5432`,
    sql: (statement) => run(psql, [...psqlFlags, "-h", dir, "-U", "postgres", "-c", statement]),
    async canLogIn(user, password) {
      const env = { PGPASSWORD: password };
      return (await attempt(psql, [...psqlFlags, "-h", host, "-U", user, "-c", "SELECT 1"], { env })).code === 0;
    },
    async close() {
      await server.end("SIGINT");
      await rm(dir, { recursive: true, force: true });
    },
  };
}
