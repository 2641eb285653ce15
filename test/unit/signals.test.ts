import { describe, expect, it } from "vitest";
import { endOnceFree, unbroken } from "../../src/signals.ts";

describe("the end of the process after a bug", () => {
  it("comes at once where nothing is held", () => {
    const order: string[] = [];

    endOnceFree(() => order.push("end"));

    expect(order).toEqual(["end"]);
  });

  it("waits for what must not be broken off, and comes also where that fails", async () => {
    const order: string[] = [];
    const held = unbroken(async () => {
      endOnceFree(() => order.push("end"));
      await unbroken(async () => order.push("inner"));
      order.push("kept");
      throw new Error("failed");
    });

    await expect(held).rejects.toThrow("failed");

    expect(order).toEqual(["inner", "kept", "end"]);
  });
});
