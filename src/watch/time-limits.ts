/** How long one call to Kubernetes is tried, in milliseconds. */
export const callMs = 10_000;
/** How long a change may go on after SIGTERM, in milliseconds. The Deployment's terminationGracePeriodSeconds is longer. */
export const drainMs = 15_000;
/** What is at work for so long, in milliseconds, hangs, and only a new process helps. */
export const hungMs = 180_000;
