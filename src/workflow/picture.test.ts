import { describe, expect, test } from "vitest";
import { DECIDE, between, drawn, implied, step, written } from "../testing/drawn.ts";

describe("steps that follow one another", () => {
  test("are a line from the trigger to the end", () => {
    expect(written(`${step("a")} ${step("b")} ${DECIDE}`)).toEqual([
      "trigger > a",
      "a > b",
      "b > decide",
      "decide > end:completed",
    ]);
  });

  test("are taken in the order in which they run where one stands in the other's arguments", () => {
    expect(between(`await ctx.tool("b", lookUp, { id: await ctx.tool("a", lookUp, {}) }); ${DECIDE}`)).toEqual([
      "trigger > a",
      "a > b",
      "b > decide",
    ]);
  });

  test("that end without a decision end in the dead letters", () => {
    expect(written(step("a"))).toEqual([
      "trigger > a",
      "a > end:dead [no decision, keeps failing, rate limit, timeout, error] !",
    ]);
  });
});

describe("conditions", () => {
  test("if and else are two ways", () => {
    expect(between(`if (event.vip) { ${step("a")} } else { ${step("b")} } ${DECIDE}`)).toEqual([
      "trigger > a [event.vip]",
      "trigger > b [else]",
      "a > decide",
      "b > decide",
    ]);
  });

  test("a branch that takes no step is no branch", () => {
    expect(between(`let x = 1; if (event.vip) x = 2; else if (event.old) x = 3; ${step("a")} ${DECIDE}`)).toEqual([
      "trigger > a",
      "a > decide",
    ]);
  });

  test("an if without else is gone round", () => {
    expect(between(`${step("a")} if (x) { ${step("b")} } ${DECIDE}`)).toEqual([
      "trigger > a",
      "a > b [x]",
      "a > decide [else]",
      "b > decide",
    ]);
  });

  test("a chain of else if names what has to hold, not what has failed before", () => {
    const body = `if (a) { ${step("one")} } else if (b) { ${step("two")} } else { ${step("three")} } ${DECIDE}`;
    expect(between(body).slice(0, 3)).toEqual(["trigger > one [a]", "trigger > two [b]", "trigger > three [else]"]);
  });

  test("of several, one within the other, all are named", () => {
    expect(between(`if (a) { if (b) { ${step("x")} } } ${DECIDE}`)).toEqual([
      "trigger > x [a · b]",
      "trigger > decide [else]",
      "x > decide",
    ]);
  });

  test("a ternary is two ways, and a threshold is called by its name", () => {
    const body = `const result = await ctx.prompt("classify", { ticket: 1 });
      const final = result.confidence < (ctx.thresholds["review_below"] ?? 1)
        ? await ctx.review("low confidence", { of: "classify" }) : result;
      ${DECIDE}`;
    expect(between(body)).toEqual([
      "trigger > classify",
      "classify > low confidence [result.confidence < review_below]",
      "classify > decide [else]",
      "low confidence > decide",
    ]);
    const reviewed = drawn(body).nodes.find(({ id }) => id === "step:low confidence");
    expect(reviewed?.detail["thresholds"]).toEqual({ review_below: 0.75 });
  });

  test.each([
    ["a && await ctx.tool('x', lookUp, {});", "a"],
    ["a || await ctx.tool('x', lookUp, {});", "!(a)"],
    ["a.b ?? await ctx.tool('x', lookUp, {});", "a.b == null"],
  ])("%s", (code, condition) => {
    expect(between(`${code} ${DECIDE}`)).toEqual([
      `trigger > x [${condition}]`,
      "trigger > decide [else]",
      "x > decide",
    ]);
  });

  test("a step within a condition comes before it, and stands in it by its name", () => {
    expect(between(`if ((await ctx.tool("a", lookUp, {})).vip) { ${step("b")} } ${DECIDE}`)).toEqual([
      "trigger > a",
      'a > b ["a".vip]',
      "a > decide [else]",
      "b > decide",
    ]);
  });

  test("are on one line, inert, and not longer than reads well", () => {
    const [way = ""] = between(
      `if (event.ticket.subject\n   .includes("\\u202e\u202e\u001b[31m${"long ".repeat(40)}")) { ${step("a")} } ${DECIDE}`,
    );
    expect(way).toMatch(/^trigger > a \[event\.ticket\.subject \.includes\("/);
    expect(way.length).toBeLessThan(100);
    // oxlint-disable-next-line no-control-regex -- what must not be there
    expect(way).not.toMatch(/[\u001b\u202e\n]/);
  });

  test("switch has a way for each case, falls through, and goes on after break", () => {
    const body = `switch (event.kind) {
      case "a": case "b": ${step("one")} break;
      case "c": ${step("two")}
      default: ${step("three")}
    } ${DECIDE}`;
    expect(between(body)).toEqual([
      'trigger > one [event.kind === "a" or event.kind === "b"]',
      'trigger > two [event.kind === "c"]',
      "trigger > three [else]",
      "two > three",
      "three > decide",
      "one > decide",
    ]);
  });

  test("switch without default goes on where no case holds", () => {
    expect(between(`switch (x) { case 1: ${step("a")} } ${DECIDE}`)).toEqual(
      ["trigger > a [x === 1]", "a > decide", "trigger > decide [else]"].toSorted(sameOrder),
    );
  });

  function sameOrder(a: string, b: string): number {
    return Number(a.startsWith("a >")) - Number(b.startsWith("a >"));
  }
});

describe("ways out", () => {
  test("an early return leads from where it stands to its decision", () => {
    expect(written(`if (spam) return ctx.decide({ spam }); ${step("a")} ${DECIDE}`)).toEqual(
      ["trigger > decide [spam]", "decide > end:completed", "trigger > a [else]", "a > decide"].toSorted(
        (a, b) => Number(a.startsWith("decide")) - Number(b.startsWith("decide")),
      ),
    );
  });

  test("a throw ends the run", () => {
    expect(between(`${step("a")} if (bad) throw new Error("no"); ${DECIDE}`)).toEqual([
      "trigger > a",
      "a > end:dead [bad: throws, keeps failing, rate limit, timeout, error] !",
      "a > decide [else]",
    ]);
  });

  test("several decisions are one node", () => {
    const { nodes } = drawn(`if (a) return ctx.decide({ a }); return ctx.decide({});`);
    expect(nodes.filter(({ kind }) => kind === "decide")).toHaveLength(1);
  });
});

describe("loops", () => {
  test("lead back, are entered for each item, and mark what may be taken again", () => {
    const body = `for (const row of event.rows) { await ctx.tool("a", lookUp, {}, { key: row }); ${step("b")} } ${DECIDE}`;
    expect(between(body)).toEqual([
      "trigger > a [for each row of event.rows]",
      "trigger > decide [else]",
      "a > b",
      "b > a [for each row of event.rows]",
      "b > decide [else]",
    ]);
    expect(
      drawn(body)
        .nodes.filter(({ repeated }) => repeated)
        .map(({ id }) => id),
    ).toEqual(expect.arrayContaining(["step:a", "step:b"]));
    expect(drawn(body).nodes.find(({ id }) => id === "decide")?.repeated).toBe(false);
  });

  test("while, break and continue", () => {
    const body = `while (true) { ${step("a")} if (done) break; if (skip) continue; ${step("b")} } ${DECIDE}`;
    expect(between(body).toSorted()).toEqual([
      "a > a [skip]",
      "a > b [else]",
      "a > decide [done]",
      "b > a",
      "trigger > a",
    ]);
  });

  test("do while runs once at least", () => {
    expect(between(`do { ${step("a")} } while (more); ${DECIDE}`).toSorted()).toEqual([
      "a > a [more]",
      "a > decide [else]",
      "trigger > a",
    ]);
  });

  test("a label says which loop is left", () => {
    const body = `outer: for (const a of as) { for (const b of bs) { ${step("x")} break outer; } } ${DECIDE}`;
    expect(between(body)).toContain("x > decide");
    expect(between(body)).not.toContain("x > x");
  });
});

describe("steps side by side", () => {
  test("Promise.all: branches that join", () => {
    const body = `${step("a")} const [x, y] = await Promise.all([
      ctx.tool("b", lookUp, {}), ctx.prompt("classify", { ticket: 1 }), 7]); ${DECIDE}`;
    expect(between(body)).toEqual(["trigger > a", "a > b", "a > classify", "b > decide", "classify > decide"]);
  });

  test("for every item of a list", () => {
    const body = `await Promise.all(event.rows.map((row) => ctx.tool("b", lookUp, {}, { key: row.id }))); ${DECIDE}`;
    expect(between(body)).toEqual([
      "trigger > b [for each row of event.rows]",
      "trigger > decide [else]",
      "b > decide",
    ]);
    expect(drawn(body).nodes.find(({ id }) => id === "step:b")?.repeated).toBe(true);
  });

  test("begun before and waited for later", () => {
    const body = `const a = ctx.tool("a", lookUp, {}); ${step("b")} await a; ${DECIDE}`;
    expect(between(body)).toEqual(["trigger > a", "trigger > b", "a > decide", "b > decide"]);
  });

  test("gathered in a list", () => {
    const body = `const jobs = []; jobs.push(ctx.tool("a", lookUp, {})); jobs.push(ctx.tool("b", lookUp, {}));
      await Promise.all(jobs); ${DECIDE}`;
    expect(between(body)).toEqual(["trigger > a", "trigger > b", "a > decide", "b > decide"]);
  });

  test("allSettled goes on with what has failed", () => {
    const body = `await Promise.allSettled([ctx.tool("a", lookUp, {}), ctx.tool("b", lookUp, {})]); ${DECIDE}`;
    expect(between(body).filter((way) => way.endsWith("!"))).toEqual([
      "a > decide [keeps failing, rate limit, timeout, error] !",
      "b > decide [keeps failing, rate limit, timeout, error] !",
    ]);
  });

  test("a chain of then", () => {
    const body = `await ctx.tool("a", lookUp, {}).then((a) => ctx.tool("b", lookUp, a)).then(() => 1); ${DECIDE}`;
    expect(between(body)).toEqual(["trigger > a", "a > b", "b > decide"]);
  });

  test("a chain of catch", () => {
    const body = `await ctx.tool("a", lookUp, {}).catch(() => ctx.tool("b", lookUp, {})); ${DECIDE}`;
    expect(between(body)).toEqual([
      "trigger > a",
      "a > b [keeps failing, rate limit, timeout, error] !",
      "a > decide",
      "b > decide",
    ]);
  });
});

describe("try and catch", () => {
  test("a read goes on with its fallback first, and then where its failures go", () => {
    const body = `await ctx.tool("look", lookUp, {}, { fallback: spare, failures: { timeout: { fallback: false } } }); ${DECIDE}`;
    expect(implied(body)).toContain("look > look [keeps failing, rate limit]");
    expect(implied(body)).toContain("look > end:dead [keeps failing, rate limit, timeout, error]");
    expect(drawn(body).nodes.find(({ id }) => id === "step:look")?.detail["fallbacks"]).toEqual(["spare"]);
  });

  test("a failure goes to the catch and no further", () => {
    const body = `try { ${step("a")} } catch { ${step("b")} } ${DECIDE}`;
    expect(between(body)).toEqual([
      "trigger > a",
      "a > b [keeps failing, rate limit, timeout, error] !",
      "a > decide",
      "b > decide",
    ]);
    expect(implied(body)).not.toContain(expect.stringContaining("a > end:dead"));
    expect(implied(body)).toContain("b > end:dead [keeps failing, rate limit, timeout, error]");
  });

  test("what is thrown again ends the run", () => {
    const body = `try { ${step("a")} } catch (error) { if (error.class === "timeout") ${step("b")} else throw error; } ${DECIDE}`;
    expect(between(body)).toContain('a > b [error.class === "timeout": keeps failing, rate limit, timeout, error] !');
    expect(between(body)).toContain("a > end:dead [keeps failing, rate limit, timeout, error] !");
  });

  test("finally lies on every way", () => {
    const body = `try { ${step("a")} if (x) return ctx.decide({}); } finally { ${step("b")} } ${DECIDE}`;
    expect(between(body)).toEqual(expect.arrayContaining(["a > decide [x]", "decide > b", "a > b [else]"]));
  });
});
