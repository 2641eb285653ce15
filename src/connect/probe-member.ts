import { NotReadyError } from "../errors.ts";
import { within } from "../util/deadline.ts";
import { type NotYet, readStatusOnce } from "./await-status.ts";
import type { Cluster } from "./connection.ts";
import type { MemberStatus } from "./member-status.ts";

/** A running Vault answers at once. In milliseconds. */
const answerTimeoutMs = 5_000;

/**
 * Reads the status of one member, in at most five seconds altogether: on a lost node, connections hang until they time out.
 * @returns the status, or why there is none
 * @throws DeniedError if Kubernetes denies the port forwarding; ConfigError if the member's certificate is not trusted
 */
export async function probeMember({ members }: Pick<Cluster, "members">, pod: string): Promise<MemberStatus | NotYet> {
  async function read(): Promise<MemberStatus | NotYet> {
    const vault = await members.connect(pod, answerTimeoutMs).catch(toNotYet);
    return "notYet" in vault ? vault : await readStatusOnce(vault);
  }
  return (await within(answerTimeoutMs, read())) ?? { notYet: `no answer within ${answerTimeoutMs / 1000} s` };
}

function toNotYet(error: unknown): NotYet {
  if (error instanceof NotReadyError) return { notYet: error.message };
  throw error;
}
