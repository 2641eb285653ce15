import { isUnsealed } from "../connect/member-status.ts";
import type { Round } from "../watch/observer.ts";
import type { Finding } from "./assess.ts";
import { expected } from "./member-findings.ts";

/** A member may stop this often within the window, in milliseconds; more often is a problem, however fast it is unsealed again. */
const mostStops = 5;
const windowMs = 300_000;

type Seen = { readonly uid: string | undefined; readonly unsealed: boolean; readonly stopsMs: readonly number[] };

/** What was seen of each member, by pod. */
export type Stops = ReadonlyMap<string, Seen>;

/** Counts the members that were unsealed in the round before and are not any more, or have a new pod. */
export function noteStops(before: Stops, round: Round): Stops {
  return new Map(
    expected(round).map(({ pod, uid, status }) => {
      const last = before.get(pod);
      const unsealed = isUnsealed(status);
      const stopped = last?.unsealed === true && (!unsealed || last.uid !== uid);
      const recent = (last?.stopsMs ?? []).filter((ms) => round.clockMs - ms < windowMs);
      return [pod, { uid, unsealed, stopsMs: stopped ? [...recent, round.clockMs] : recent }];
    }),
  );
}

/** Finds the members that stop again and again. No single state lasts long enough to be found. */
export function restartFindings(stops: Stops, { namespace }: Round): Finding[] {
  return [...stops].flatMap(([pod, { stopsMs }]) => {
    if (stopsMs.length <= mostStops) return [];
    return [
      {
        reason: "MemberUnstable",
        object: `pod/${pod}`,
        message: `${pod} stopped ${stopsMs.length} times within five minutes`,
        remedy: `\`kubectl -n ${namespace} describe pod ${pod}\` and \`kubectl -n ${namespace} logs ${pod} --previous\` show why.`,
        graceMs: 0,
      },
    ];
  });
}
