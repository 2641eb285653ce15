import { NotReadyError } from "../errors.ts";
import { within } from "../util/deadline.ts";
import { type NotYet, readStatusOnce } from "./await-status.ts";
import type { Cluster } from "./connection.ts";
import type { MemberStatus } from "./member-status.ts";
import { warnIfUntested } from "./tested-versions.ts";

/** A running Vault answers at once. In milliseconds. */
const answerTimeoutMs = 5_000;

/**
 * Reads the status of one member, in at most five seconds altogether: on a lost node, connections hang until they time out.
 * Warns of a version that is not tested, once a run.
 *
 * @returns the status, or why there is none
 * @throws DeniedError if Kubernetes denies the port forwarding; ConfigError if the member's certificate is not trusted
 */
export async function probeMember(
  { run, members }: Pick<Cluster, "run" | "members">,
  pod: string,
): Promise<MemberStatus | NotYet> {
  async function read(): Promise<MemberStatus | NotYet> {
    const vault = await members.connect(pod, answerTimeoutMs).catch(toNotYet);
    return "notYet" in vault ? vault : await readStatusOnce(vault);
  }
  const status = (await within(answerTimeoutMs, read())) ?? { notYet: `no answer within ${answerTimeoutMs / 1000} s` };
  if (!("notYet" in status)) warnIfUntested(run.log, status.version);
  return status;
}

function toNotYet(error: unknown): NotYet {
  if (error instanceof NotReadyError) return { notYet: error.message };
  throw error;
}
