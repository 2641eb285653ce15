import { describe, expect, test } from "vitest";
import { findLeaks, type Needle, type SearchedText } from "../support/leaks.ts";
import { logPlaces, objectPlaces, recordedPlaces, repositoryPlaces } from "../support/places.ts";
import { printed } from "../support/programs.ts";
import { needlesOf, type World } from "../support/world.ts";

const planted: Needle = { name: "the planted value", value: `hvs.${"Planted".repeat(4)}` };

/** Secret values are only in the Secrets that may hold them. */
export function secrecy(title: string, world: () => World, earlier: () => readonly Needle[] = () => []): void {
  describe(title, () => {
    test("are found by the search when planted: in plain text in an Event, in base64 in an Argo CD object", async () => {
      const { api } = world();
      const encoded = Buffer.from(`{"token":"${planted.value}"}`).toString("base64");
      const events = "/api/v1/namespaces/app/events";
      const application = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/guestbook";
      const annotate = (value: string | null) =>
        api.patch(application, { metadata: { annotations: { planted: value } } });
      await api.post(events, plantedEvent(`a token: ${planted.value}`));
      await annotate(encoded);

      const found = findLeaks(await objectPlaces(api), [planted]);
      await api.remove(`${events}/planted`);
      await annotate(null);

      expect(found).toContain("the planted value, as it is, in events app/planted");
      expect(found).toContain("the planted value, in base64, in applications argocd/guestbook");
    });

    test("are not in the repository, in logs, in Events or in any object: no unseal key, token or generated value", async () => {
      const { api, recorder, keptLogs } = world();
      const needles = [...needlesOf(world()), ...earlier()];
      const places = [
        ...(await repositoryPlaces()),
        ...(await logPlaces(api)),
        ...keptLogs,
        ...printed,
        ...(await objectPlaces(api)),
        ...recordedPlaces(recorder),
      ].filter((place) => !isPlanted(place));

      const leaks = findLeaks(places, needles);

      const size = places.reduce((sum, { text }) => sum + text.length, 0);
      console.log(`searched ${places.length} places, ${(size / 1e6).toFixed(0)} MB, for ${needles.length} values`);
      expect(places.filter(({ text, where }) => where.includes("vault-configure-") && text !== "")).not.toEqual([]);
      expect(leaks).toEqual([]);
    });
  });
}

/** The recorder has also seen the planted value. */
function isPlanted({ where }: SearchedText): boolean {
  return /^(Event app\/planted|Application argocd\/guestbook) /.test(where);
}

function plantedEvent(message: string): object {
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "planted", namespace: "app" },
    involvedObject: { kind: "Namespace", name: "app", namespace: "app" },
    reason: "Planted",
    message,
    type: "Normal",
  };
}
