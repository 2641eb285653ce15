/**
 * The body of a deletion. All stands in it, since the API server heeds no parameter of the URL where a delete has a body.
 *
 * @param uid only the object that was looked at, and not another one of its name
 * @param dryRun only tells whether it may be done
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run
 */
export function deletion(uid: string | undefined, dryRun: boolean) {
  return { ...(uid === undefined ? {} : { preconditions: { uid } }), ...(dryRun ? { dryRun: ["All"] } : {}) };
}
