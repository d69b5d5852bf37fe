import { isObject, pointerToken } from "../base/json.ts";
import type { Json, Problem } from "../base/json.ts";
import type { AnyTool } from "./define.ts";

/** What is wrong with the arguments of a call: off the schema, or not declared in it. Empty when they are fine. */
export function checkArguments(tool: Pick<AnyTool, "args">, args: Json): Problem[] {
  return tool.args.validate(args);
}

/**
 * Looks up the ids among valid arguments. An id that is absent is not looked up (the schema says what is required).
 * What a look-up throws passes through: not knowing is not the same as unknown.
 */
export async function checkIds(tool: Pick<AnyTool, "ids">, args: Json, signal: AbortSignal): Promise<Problem[]> {
  const lookups = Object.entries(tool.ids).flatMap(([pattern, check]) =>
    valuesAt(args, pattern).map(async ({ pointer, value }): Promise<Problem | undefined> => {
      const answer = await check(value, { signal });
      if (answer === true) return undefined;
      return { pointer, message: typeof answer === "string" ? answer : "is not a known id" };
    }),
  );
  return (await Promise.all(lookups)).filter((problem) => problem !== undefined);
}

interface Found {
  pointer: string;
  value: Json;
}

/** Values at a pointer in which `*` stands for every item of a list or object. */
function valuesAt(args: Json, pattern: string): Found[] {
  let found: Found[] = [{ pointer: "", value: args }];
  for (const raw of pattern === "" ? [] : pattern.slice(1).split("/"))
    found = found.flatMap((at) => childrenOf(at, raw === "*" ? "*" : raw.replaceAll("~1", "/").replaceAll("~0", "~")));
  return found;
}

function childrenOf({ pointer, value }: Found, key: string): Found[] {
  const entries: [string, Json][] = Array.isArray(value) || isObject(value) ? Object.entries(value) : [];
  return entries
    .filter(([name]) => key === "*" || name === key)
    .map(([name, child]) => ({ pointer: `${pointer}/${pointerToken(name)}`, value: child }));
}
