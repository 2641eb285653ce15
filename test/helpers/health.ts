import { type LuaEngine, LuaFactory } from "wasmoon";

export type Health = { status: string; message: string };

/**
 * Runs Argo CD's health customisation as its controller does: the object is the global `obj`, the answer is what the script returns.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/operator-manual/health/#custom-health-checks
 */
export async function runHealth(script: string, obj: unknown): Promise<Health> {
  const lua: LuaEngine = await new LuaFactory().createEngine();
  try {
    return (await lua.doString(`local function health(obj)\n${script}\nend\nreturn health(${literal(obj)})`)) as Health;
  } finally {
    lua.global.close();
  }
}

/** The value as Lua writes it: real tables, since the script asks for `type(x) == "table"`. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return "nil";
  if (Array.isArray(value)) return `{${value.map(literal).join(", ")}}`;
  if (typeof value !== "object") return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, each]) => `[${JSON.stringify(key)}] = ${literal(each)}`);
  return `{${fields.join(", ")}}`;
}
