type Labels = Readonly<Record<string, string>>;

type Gauge = { set(value: number, labels?: Labels): void; clear(): void };
export type Counter = { add(labels?: Labels): void };
export type Histogram = { observe(value: number): void };

/** Metrics of this process, in the text format of Prometheus. Labels never hold a secret, a path or an address. */
export type Metrics = {
  gauge(name: string, help: string): Gauge;
  /** @param known label sets that show as 0 before the first event, so that a rate can be computed */
  counter(name: string, help: string, known?: readonly Labels[]): Counter;
  /** @param bounds upper bounds of the buckets, ascending */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram;
  /** @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
  text(): string;
};

type Family = { readonly name: string; readonly help: string; readonly type: string; readonly lines: () => string[] };

/** A registry without metrics. @returns functions that add a metric, each under a name of its own, and print all */
export function createMetrics(): Metrics {
  const families: Family[] = [];
  return {
    gauge(name, help) {
      const values = new Map<string, number>();
      families.push({ name, help, type: "gauge", lines: () => linesOf(name, values) });
      return {
        set: (value, labels) => void values.set(format(labels), value),
        clear: () => values.clear(),
      };
    },
    counter(name, help, known = []) {
      const values = new Map(known.map((labels) => [format(labels), 0]));
      families.push({ name, help, type: "counter", lines: () => linesOf(name, values) });
      return {
        add(labels) {
          const key = format(labels);
          values.set(key, (values.get(key) ?? 0) + 1);
        },
      };
    },
    histogram(name, help, bounds) {
      const counts = bounds.map(() => 0);
      let [sum, count] = [0, 0];
      const lines = () => [
        ...bounds.map((bound, i) => `${name}_bucket{le="${bound}"} ${counts[i]}`),
        `${name}_bucket{le="+Inf"} ${count}`,
        `${name}_sum ${sum}`,
        `${name}_count ${count}`,
      ];
      families.push({ name, help, type: "histogram", lines });
      return {
        observe(value) {
          for (const [i, bound] of bounds.entries()) if (value <= bound) counts[i] = (counts[i] ?? 0) + 1;
          sum += value;
          count++;
        },
      };
    },
    text: () =>
      families
        .flatMap(({ name, help, type, lines }) => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines()])
        .join("\n")
        .concat("\n"),
  };
}

function linesOf(name: string, values: ReadonlyMap<string, number>): string[] {
  return [...values].map(([labels, value]) => `${name}${labels} ${value}`);
}

/** `{pod="vault-0",state="sealed"}`, in the order given; "" without labels */
function format(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
