import { afterAll, beforeAll, expect, it } from "vitest";
import { amendRecord, beginRecord, readRecord } from "../../../src/custody/record.ts";
import { type KubeServer, startKube } from "../../helpers/kube-server.ts";
import { connect } from "./setup.ts";

let kube: KubeServer;
beforeAll(async () => {
  kube = await startKube();
});
afterAll(async () => await kube?.close());

const attempt = (intent: string) => ({ intent, statefulSet: "uid", storage: {}, shares: 1, threshold: 1, time: "now" });

it("amendRecord changes nothing and returns false when another intent has replaced the record", async () => {
  const client = await connect(kube.kubeconfig);
  await beginRecord(client, "default", attempt("first"), undefined);
  await beginRecord(client, "default", attempt("second"), await readRecord(client, "default"));

  const late = await amendRecord(client, "default", { calledAt: "then" }, "first");
  const own = await amendRecord(client, "default", { unsealedAt: "later" }, "second");

  expect([late, own]).toEqual([false, true]);
  const record = await readRecord(client, "default");
  expect(record).toMatchObject({ intent: "second", unsealedAt: "later" });
  expect(record).not.toHaveProperty("calledAt");
});

it("amendRecord removes a field when its new value is empty", async () => {
  const client = await connect(kube.kubeconfig);
  const before = await readRecord(client, "default");
  await beginRecord(client, "default", { ...attempt("third"), calledAt: "then" }, before);

  await amendRecord(client, "default", { calledAt: "" }, "third");

  expect(await readRecord(client, "default")).not.toHaveProperty("calledAt");
});

it("beginRecord changes nothing and returns false when the record is not the one that it replaces", async () => {
  const client = await connect(kube.kubeconfig);
  const seen = await readRecord(client, "default");
  await beginRecord(client, "default", attempt("fourth"), seen);

  const late = await beginRecord(client, "default", attempt("late"), seen);
  const first = await beginRecord(client, "default", attempt("late"), undefined);

  expect([late, first]).toEqual([false, false]);
  expect(await readRecord(client, "default")).toMatchObject({ intent: "fourth" });
});
