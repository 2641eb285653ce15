/**
 * The body of a delete request. It has all options, since the API server ignores URL parameters if a delete has a body.
 *
 * @param uid deletes only the object with this UID, not a different one of the same name
 * @param dryRun only checks whether the deletion is allowed
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run
 */
export function deletion(uid: string | undefined, dryRun: boolean) {
  return { ...(uid === undefined ? {} : { preconditions: { uid } }), ...(dryRun ? { dryRun: ["All"] } : {}) };
}
