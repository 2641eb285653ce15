import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  base64String,
  bool,
  cidrs,
  connectionUrl,
  duration,
  type Field,
  fileName,
  int,
  json,
  jsonMap,
  jsonText,
  list,
  map,
  numberLists,
  policyText,
  string,
  time,
} from "../../../../src/kinds/model/spec.ts";

const fields: Field[] = [
  base64String(""),
  bool(""),
  cidrs(""),
  connectionUrl(""),
  duration(""),
  fileName("", { ending: "" }),
  int("", { min: -5 }),
  int("", { fraction: true }),
  json(""),
  jsonMap(""),
  jsonText(""),
  list(""),
  list("", { ordered: true }),
  map(""),
  map("", { keys: { version: ["1", "2"] } }),
  numberLists(""),
  policyText(""),
  string(""),
  string("", { values: ["a", ""] }),
  time(""),
];

const scalar = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.constantFrom("1h", "90s", "1d", "1", "2", "a", ".hcl"),
  fc.constantFrom("2030-12-31T23:59:59Z", "2030-12-31T23:59:59.5+02:00", "2030-12-31T23:59:59", "2030-13-31T23:59:59Z"),
  fc.integer({ min: -10, max: 10 }),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -2, max: 2 }),
  fc.boolean(),
  fc.constant(null),
);
const value = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom("a", "version"), scalar, { maxKeys: 2 }),
);
const ajv = new Ajv({ allowUnionTypes: true });

describe("a field type", () => {
  it.each(fields.map((field) => [field.type.name, field] as const))(
    "accepts no value that its JSON Schema marks: %s",
    (_, { type }) => {
      const validate = ajv.compile(type.schema);
      fc.assert(
        fc.property(value, (each) => {
          if ((type.check(each).faults ?? []).length === 0) expect(validate(each), JSON.stringify(each)).toBe(true);
          else expect(type.check(each).faults?.[0]?.expected).not.toBe("");
        }),
        { numRuns: 300 },
      );
    },
  );

  it("is shared by fields with the same options, so that their descriptions are deeply equal", () => {
    expect(string("a name", { values: ["a"], required: true })).toStrictEqual(
      string("a name", { required: true, values: ["a"] }),
    );
    expect(string("a name", { values: ["a"] }).type).not.toBe(string("a name", { values: ["b"] }).type);
  });

  it("keeps what a field means for a write apart from the type", () => {
    const field = int("a size", { min: 1, createOnly: true });

    expect(field).toMatchObject({ describe: "a size", createOnly: true });
    expect(field.type).toBe(int("another size", { min: 1 }).type);
  });

  it("compares times in UTC, and accepts no date without a time zone", () => {
    const { type } = time("");

    expect(type.normalise("2030-12-31T23:59:59.5+02:00")).toBe(type.normalise("2030-12-31T21:59:59.500Z"));
    expect(type.normalise("")).toBe(type.normalise(undefined));
    expect(type.toRequest?.("")).toBeNull();
    for (const valid of ["", "2030-12-31T23:59:59Z"]) expect(type.check(valid).faults).toBeUndefined();
    for (const wrong of ["2030-12-31T23:59:59", "2030-13-31T23:59:59Z", "2030-12-31", "1d", 1900000000])
      expect(type.check(wrong).faults, String(wrong)).toHaveLength(1);
  });

  it("accepts no time on a day, or at an hour, that does not exist", () => {
    const { type } = time("");

    for (const valid of ["2028-02-29T00:00:00Z", "2030-12-31T23:59:59.123456789-11:00", "2030-01-01T00:30:00+14:00"])
      expect(type.check(valid).faults, valid).toBeUndefined();
    for (const wrong of [
      "2030-02-31T00:00:00Z",
      "2030-02-29T23:59:59.5+02:00",
      "2030-04-31T00:00:00-11:00",
      "2030-01-01T24:00:00Z",
    ])
      expect(type.check(wrong).faults, wrong).toEqual([{ expected: expect.stringContaining("a time like") }]);
  });

  it("reports the path of a wrong element and of an unknown key", () => {
    expect(list("").type.check(["a", { b: "c" }]).faults).toEqual([{ path: ["1"], expected: "a string" }]);
    expect(map("", { keys: { version: ["1"] } }).type.check({ versoin: "1" }).faults).toEqual([
      expect.objectContaining({ path: ["versoin"], isKey: true, near: ["versoin", ["version"]] }),
    ]);
  });
});
