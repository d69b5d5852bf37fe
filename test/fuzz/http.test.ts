import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/base/json.ts";
import { ticket } from "../../src/testing/sample-project.ts";
import { STACK, amount } from "./mutate.ts";
import { requests, slowGames, wireGames } from "./requests.ts";
import { Target } from "./target.ts";
import type { Answer, Sent } from "./target.ts";

let target: Target;
let made = 0;
beforeAll(async () => {
  target = await Target.start();
}, 60_000);
afterAll(() => target.close());

const shown = ({ method, path, headers, body }: Sent): string =>
  `${method} ${path.slice(0, 300)} ${JSON.stringify(headers).slice(0, 300)} ${body?.subarray(0, 500).toString("latin1")}`;

/** Whatever was sent: an answer that says what is wrong with it, in the one form there is, and nothing about the program. */
function expectSound(answer: Answer, what: string): void {
  const { status, type, text } = answer;
  expect(status, `${what}\n${text}`).toBeLessThan(500);
  expect(text, what).not.toMatch(STACK);
  if (status < 400 || text === "") return;
  expect(type, what).toBe("application/problem+json");
  const problem = JSON.parse(text) as JsonObject;
  expect(problem, what).toMatchObject({
    status,
    code: expect.stringMatching(/^[a-z0-9_]+$/),
    detail: expect.any(String),
  });
  for (const each of (problem["errors"] ?? []) as JsonObject[])
    expect(each, what).toEqual({ pointer: expect.any(String), message: expect.any(String) });
}

async function decides(): Promise<void> {
  const event = ticket(`evt_good_${++made}`, "Charged twice");
  const { status, body } = await target.call("POST", "/v1/events?wait=15s", event);
  expect({ status, body }).toMatchObject({
    status: 200,
    body: { status: "completed", decision: { category: "billing" } },
  });
}

/** Runs that neither ended nor wait for somebody. */
async function underWay(): Promise<number> {
  const { body } = await target.call("GET", "/v1/runs/counts");
  return Number(body["running"] ?? 0) + Number(body["queued"] ?? 0);
}

async function settled(): Promise<void> {
  const deadline = performance.now() + 20_000;
  while ((await underWay()) > 0)
    if (performance.now() > deadline) throw new Error(`${await underWay()} runs are stuck`);
}

describe("the server", () => {
  test(
    "takes whatever is sent to any route: no failure of its own, no run stuck, memory flat",
    { timeout: 900_000 },
    async () => {
      await decides();
      const { body } = await target.call("GET", "/v1/runs");
      const ids = ["triage", ...(body["items"] as JsonObject[]).map(({ run_id: id }) => String(id))];
      const reference = (await target.call("GET", "/openapi.json")).body;
      const sent = async (request: Sent): Promise<void> => expectSound(await target.send(request), shown(request));
      const arbitrary = requests({ reference, ids });
      const { numRuns, seed } = amount(1_000);
      // What is loaded and cached at first use is not what this is about.
      await fc.assert(fc.asyncProperty(arbitrary, sent), { numRuns: 200, seed: seed - 1 });
      const before = await target.heldBytes();
      await fc.assert(fc.asyncProperty(arbitrary, sent), { numRuns, seed });
      const after = await target.heldBytes();
      process.stdout.write(`${numRuns} requests from seed ${seed}: ${(before / 1e6).toFixed(1)} MB held before, ${(after / 1e6).toFixed(1)} MB after\n`); // prettier-ignore
      expect(after - before).toBeLessThan(16e6);
      await settled();
      await decides();
      expect(target.alive).toBe(true);
      expect(target.errors).toBe("");
    },
  );

  test(
    "takes whatever is on the wire: an answer or an end, and the next request is as good as ever",
    { timeout: 60_000 },
    async () => {
      const games = Object.entries(wireGames(target.token));
      const slow = slowGames(target.token).map((part) => target.raw(part));
      for (const [name, parts] of games) {
        const text = await target.raw(...parts);
        const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
        expect(
          statuses.filter((status) => status >= 500),
          `${name}: ${text}`,
        ).toEqual([]);
        expect(text, name).not.toMatch(STACK);
        if (statuses.some((status) => status >= 400)) expect(text, name).toMatch(/"code":"[a-z0-9_]+"/);
        await decides();
      }
      // Who does not get to an end of sending is told so, and let go.
      for (const text of await Promise.all(slow)) expect(text).toMatch(/^HTTP\/1\.1 408 [^]*"code":"request_timeout"/);
      expect(target.errors).toBe("");
    },
  );
});
