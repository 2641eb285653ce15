import { type LuaEngine, LuaFactory } from "wasmoon";

export type Health = { status: string; message: string };

/**
 * Runs a health customisation as Argo CD's controller does: the script reads `obj` and returns its health.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/operator-manual/health/#custom-health-checks
 */
export async function runHealth(script: string, obj: unknown): Promise<Health> {
  const lua: LuaEngine = await new LuaFactory().createEngine();
  try {
    return (await lua.doString(
      `local function health(obj)\n${script}\nend\nreturn health(${luaLiteral(obj)})`,
    )) as Health;
  } finally {
    lua.global.close();
  }
}

/** Writes a value as a Lua literal. Objects passed in from JavaScript are userdata, and the script checks for tables. */
function luaLiteral(value: unknown): string {
  if (value === null || value === undefined) return "nil";
  if (Array.isArray(value)) return `{${value.map(luaLiteral).join(", ")}}`;
  if (typeof value !== "object") return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, field]) => `[${JSON.stringify(key)}] = ${luaLiteral(field)}`);
  return `{${fields.join(", ")}}`;
}
