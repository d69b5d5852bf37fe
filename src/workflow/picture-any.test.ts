import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DECIDE, loaded, prompts, sourcesOf } from "../testing/drawn.ts";
import { drawPicture } from "./picture.ts";
import { readBody } from "./source-body.ts";
import { textOf } from "./source.ts";

describe("any workflow", () => {
  let names = 0;
  const leaf = fc.constantFrom("tool", "prompt", "rule", "sleep", "waitFor", "code").map((kind) => {
    const name = `s${names++}`;
    if (kind === "tool") return `await ctx.tool("${name}", lookUp, {});`;
    if (kind === "prompt") return `await ctx.prompt("${name}", { ticket: 1 });`;
    if (kind === "rule") return `await ctx.rule("${name}", true);`;
    if (kind === "waitFor") return `await ctx.waitFor("${name}", event("paid"), { timeout: "1h" });`;
    if (kind === "sleep") return `await ctx.sleep("${name}", "1h");`;
    return `await ctx.run("${name}", () => 1);`;
  });
  const { code } = fc.letrec<{ code: string; block: string }>((tie) => ({
    block: fc.array(tie("code"), { maxLength: 3 }).map((parts) => `{ ${parts.join("\n")} }`),
    code: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      fc.tuple(tie("block"), tie("block")).map(([a, b]) => `if (c${names++}) ${a} else ${b}`),
      tie("block").map((a) => `for (const x of list) ${a}`),
      tie("block").map((a) => `if (c${names++}) { ${a} return ctx.decide({}); }`),
      fc.tuple(tie("block"), tie("block")).map(([a, b]) => `try ${a} catch ${b}`),
      fc.tuple(tie("block"), tie("block")).map(([a, b]) => `try ${a} finally ${b}`),
      fc
        .tuple(tie("block"), tie("block"))
        .map(([a, b]) => `await Promise.all([(async () => ${a})(), (async () => ${b})()]);`),
      fc
        .tuple(tie("block"), tie("block"))
        .map(
          ([a, b]) =>
            `switch (k) { case ${names++}: ${a} case ${names++}: ${b} break; default: ${a === b ? "" : "k = 1;"} }`,
        ),
      tie("block").map((a) => `while (go) { ${a} if (stop) break; }`),
      tie("block").map((a) => `await Promise.all(list.map(async (x) => ${a}));`),
    ),
  }));

  test("has a node for every step in it, each on a way from the trigger to an end", () => {
    fc.assert(
      fc.property(fc.array(code, { maxLength: 4 }), (parts) => {
        const body = `${parts.join("\n")}\n${DECIDE}`;
        const sources = sourcesOf(body);
        const { nodes, edges } = drawPicture(loaded, sources, prompts);
        const ids = new Set(nodes.map(({ id }) => id));
        for (const { verb, node } of readBody(sources)?.verbs ?? []) {
          const id = verb === "decide" ? "decide" : `step:${textOf(node.arguments[0])}`;
          expect(ids).toContain(id);
        }
        expect(edges.every(({ from, to }) => ids.has(from) && ids.has(to))).toBe(true);
        const reached = closure(
          ["trigger"],
          edges.map(({ from, to }) => [from, to]),
        );
        const ending = closure(
          nodes.filter(({ kind }) => kind === "end").map(({ id }) => id),
          edges.map(({ from, to }) => [to, from]),
        );
        expect([...ids].filter((id) => !reached.has(id))).toEqual([]);
        expect([...ids].filter((id) => !ending.has(id))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  function closure(from: readonly string[], edges: readonly (readonly [string, string])[]): Set<string> {
    const seen = new Set(from);
    for (let size = -1; size !== seen.size;) {
      size = seen.size;
      for (const [a, b] of edges) if (seen.has(a)) seen.add(b);
    }
    return seen;
  }
});
