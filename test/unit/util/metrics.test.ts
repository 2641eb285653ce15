import { describe, expect, it } from "vitest";
import { createMetrics } from "../../../src/util/metrics.ts";

describe("metrics", () => {
  it("print a gauge with one line per set of labels", () => {
    const metrics = createMetrics();
    const gauge = metrics.gauge("members", "Members by state.");
    gauge.set(2, { state: "unsealed" });
    gauge.set(1, { state: "sealed" });
    gauge.set(0, { state: "sealed" });

    expect(metrics.text()).toBe(
      '# HELP members Members by state.\n# TYPE members gauge\nmembers{state="unsealed"} 2\nmembers{state="sealed"} 0\n',
    );
  });

  it("forget the cleared sets of a gauge", () => {
    const metrics = createMetrics();
    const gauge = metrics.gauge("state", "State of a pod.");
    gauge.set(1, { pod: "vault-3" });
    gauge.clear();
    gauge.set(1, { pod: "vault-0" });

    expect(metrics.text()).not.toContain("vault-3");
    expect(metrics.text()).toContain('state{pod="vault-0"} 1');
  });

  it("print a counter as 0 before its first event", () => {
    const metrics = createMetrics();
    const counter = metrics.counter("unseal_total", "Unseals.", [{ result: "ok" }, { result: "failed" }]);
    counter.add({ result: "ok" });
    counter.add({ result: "ok" });

    expect(metrics.text()).toContain('unseal_total{result="ok"} 2\nunseal_total{result="failed"} 0\n');
  });

  it("print a histogram with cumulative buckets", () => {
    const metrics = createMetrics();
    const histogram = metrics.histogram("seconds", "How long it took.", [0.5, 1]);
    for (const value of [0.25, 0.5, 0.75, 3]) histogram.observe(value);

    expect(metrics.text().split("\n").slice(2)).toEqual([
      'seconds_bucket{le="0.5"} 2',
      'seconds_bucket{le="1"} 3',
      'seconds_bucket{le="+Inf"} 4',
      "seconds_sum 4.5",
      "seconds_count 4",
      "",
    ]);
  });

  it("escape the value of a label", () => {
    const metrics = createMetrics();
    metrics.gauge("info", "Information.").set(1, { text: 'a "b"\\\n' });

    expect(metrics.text()).toContain('info{text="a \\"b\\"\\\\\\n"} 1');
  });
});
