import { argocdObserver } from "../argocd/observer.ts";
import { ExitCode } from "../errors.ts";
import { healthObserver } from "../health/observer.ts";
import type { MakeObserver } from "../watch/observer.ts";
import { watch as watchVault } from "../watch/watch.ts";
import { type Command, clusterFlags } from "./command.ts";

/** What follows from each round, besides the repairs. */
const observers: readonly MakeObserver[] = [healthObserver, argocdObserver];

const argocdFlags = ["application", "needed-applications", "correct-drift"] as const;

export const watch: Command = {
  name: "watch",
  describe: "Unseal and join members whenever they come up, until SIGTERM",
  flags: [...clusterFlags.filter((flag) => flag !== "timeout"), "listen", ...argocdFlags],
  async run(run) {
    await watchVault(run, observers);
    return ExitCode.done;
  },
};
