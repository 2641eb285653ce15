import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Pod } from "../../../src/kube/kube.ts";
import type { Answer, Vault } from "../../../src/vault/client.ts";
import type { PodClients } from "../../../src/watch/pod-clients.ts";
import { openPolls, type Polls } from "../../../src/watch/polls.ts";

const seal = { initialized: true, sealed: false, storage_type: "raft" };
const leads = { ha_enabled: true, is_self: true, leader_address: "http://vault-0.vault-internal:8200" };

let answers: Record<string, Answer>;
let asked: string[];
let polls: Polls;

beforeEach(() => {
  vi.useFakeTimers();
  answers = { "sys/seal-status": seal, "sys/leader": leads };
  asked = [];
  const read = async (path: string) => {
    asked.push(path);
    return answers[path];
  };
  const vault = { name: "vault-0", read } as unknown as Vault;
  const clients = { connect: async () => vault } as unknown as PodClients;
  polls = openPolls(
    clients,
    () => undefined,
    (error) => {
      throw error;
    },
  );
});
afterEach(() => {
  polls.close();
  vi.useRealTimers();
});

const start = () => polls.update([{ name: "vault-0", uid: "u", deleting: false } as Pod]);
const count = (path: string) => asked.filter((each) => each === path).length;

it("asks a member that is well every second whether it is sealed, and every five seconds who leads", async () => {
  start();
  await vi.advanceTimersByTimeAsync(20_500);

  expect(count("sys/seal-status")).toBe(21);
  expect(count("sys/leader")).toBe(5);
});

it("asks a member that knows no leader each time", async () => {
  answers["sys/leader"] = { ha_enabled: true, is_self: false, leader_address: "" };
  start();
  await vi.advanceTimersByTimeAsync(5000);

  expect(count("sys/leader")).toBe(count("sys/seal-status"));
  expect(polls.last("vault-0")?.status).toMatchObject({ active: false, leader: undefined });
});

it("sees within a second that a member is sealed, and does not remember its leader", async () => {
  start();
  await vi.advanceTimersByTimeAsync(3500);
  answers["sys/seal-status"] = { ...seal, sealed: true };
  await vi.advanceTimersByTimeAsync(1000);

  expect(polls.last("vault-0")?.status).toMatchObject({ sealed: true, active: false, leader: undefined });
});

it("sees within five seconds that another member leads", async () => {
  start();
  await vi.advanceTimersByTimeAsync(500);
  answers["sys/leader"] = { ...leads, is_self: false };
  await vi.advanceTimersByTimeAsync(5500);

  expect(polls.last("vault-0")?.status).toMatchObject({ active: false });
});
