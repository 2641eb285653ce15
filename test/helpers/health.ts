import { type LuaEngine, LuaFactory } from "wasmoon";

export type Health = { status: string; message: string };

/**
 * Runs a health customisation as Argo CD's controller does: the script reads `obj` and returns its health. It sees the same functions
 * as there: the basic ones, the library `table`, and the time through `require("os")`.
 *
 * @param now the time that the script sees
 * @see https://argo-cd.readthedocs.io/en/stable/operator-manual/health/#custom-health-checks
 * @see https://github.com/argoproj/argo-cd/blob/v3.6.1/util/lua/lua.go
 */
export async function runHealth(script: string, obj: unknown, now = new Date()): Promise<Health> {
  const lua: LuaEngine = await new LuaFactory().createEngine();
  try {
    return (await lua.doString(`${sandbox(now)}
local env = sandbox(${luaLiteral(obj)})
return assert(load(${luaLiteral(script)}, "health", "t", env))()`)) as Health;
  } finally {
    lua.global.close();
  }
}

function sandbox(now: Date): string {
  return `
getmetatable("").__index = nil
local date = os.date
local known = {}
for _, name in ipairs({"assert", "error", "ipairs", "next", "pairs", "pcall", "select", "tonumber", "tostring", "type"}) do
  known[name] = _G[name]
end
known.table = {concat = table.concat, insert = table.insert, remove = table.remove, sort = table.sort}
known.require = function(name)
  assert(name == "os", "module not found")
  local now = ${Math.floor(now.getTime() / 1000)}
  return {time = function() return now end, date = function(format, at) return date(format, at or now) end}
end
function sandbox(obj)
  known.obj = obj
  return known
end`;
}

/** Writes a value as a Lua literal. Objects passed in from JavaScript are userdata, and the script checks for tables. */
function luaLiteral(value: unknown): string {
  if (value === null || value === undefined) return "nil";
  if (Array.isArray(value)) return `{${value.map(luaLiteral).join(", ")}}`;
  if (typeof value !== "object") return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, field]) => `[${JSON.stringify(key)}] = ${luaLiteral(field)}`);
  return `{${fields.join(", ")}}`;
}
