const question = "https://registry-1.docker.io/v2/";
/** The longest wait for a registry's first answer, in milliseconds: a slower one would make every pull a matter of hours. */
const answerMs = 10_000;

/**
 * Asks whether images can be pulled on this machine. CLUSTER_REGISTRY=yes or no answers in its place.
 *
 * @param url the registry's API
 * @returns undefined where it answers, else the reason why not
 * @see https://distribution.github.io/distribution/spec/api/#api-version-check
 */
export async function registryFailure(url = question, timeoutMs = answerMs): Promise<string | undefined> {
  const setting = process.env["CLUSTER_REGISTRY"];
  if (setting === "yes") return undefined;
  if (setting === "no") return "CLUSTER_REGISTRY is no";
  if (setting !== undefined) throw new Error(`CLUSTER_REGISTRY: found "${setting}", expected yes or no`);
  try {
    const { status, headers } = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    // a proxy may answer for a registry that it does not reach
    if (headers.get("docker-distribution-api-version")?.startsWith("registry/2")) return undefined;
    return `${url} answered ${status} and is no registry`;
  } catch (error) {
    const { name, message, cause } = error as Error;
    if (name === "TimeoutError") return `${url} did not answer within ${timeoutMs / 1000} s`;
    return `${url}: ${cause instanceof Error ? cause.message : message}`;
  }
}
