import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSluice } from "../../src/app/create.ts";
import { loadProject } from "../../src/app/project.ts";
import type { Sluice } from "../../src/app/sluice.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { processIo } from "../../src/cli/io.ts";
import type { Json, JsonObject } from "../../src/base/json.ts";
import type { Listening } from "../../src/http/listen.ts";
import { ROUTES } from "../../src/http/roles.ts";
import { startServer } from "../../src/http/server.ts";
import { event, tool, workflow } from "../../src/index.ts";
import { scriptedModel } from "../../src/model/scripted.ts";
import { typed } from "../../src/testing/terminal.ts";
import { PROVEN_FILES } from "./proving.ts";
import { CALLS, COMMAND_CALLS, RAISES, RAISE_OPTIONS } from "./raising-calls.ts";
import type { Way } from "./raising-calls.ts";
import { CONTRACT, KEY_ENV } from "./world.ts";

const send = tool("send", { effect: "write", args: { type: "object" }, run: async () => null });
const flow = workflow(
  "flow",
  {
    on: event("ticket.created"),
    deadline: "24h",
    prompts: { classify: "classifier" },
    tools: { send },
    thresholds: { review_below: 0.75, other: 2 },
  },
  async (received, ctx) => ctx.decide(await ctx.prompt("classify", received as never)),
);

/** What every try begins with: something of everything that could be raised, forced in by one person. */
const BEGIN: JsonObject = {
  stage: "partial",
  share: 0.5,
  scope: "output.category == 'billing'",
  automation: "confidence > 0.9",
  sample: 0.2,
  tools: { revoke: ["send"] },
  prompts: { classify: { version: "1" } },
};

const WORKFLOW = "/v1/releases/flow";

let dir: string;
let sluice: Sluice;
let server: Listening;
let secret: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "sluice-no-raise-"));
  const files = { ...PROVEN_FILES, "events/ticket.created/1.schema.json": JSON.stringify(CONTRACT) };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), text);
  }
  const loaded = await loadProject(dir, { env: KEY_ENV });
  const project = {
    ...loaded,
    workflows: new Map([["flow", { workflow: flow, file: "w.ts", code: "0", sources: [] }]]),
  };
  sluice = await createSluice({ project, mode: "serve", env: KEY_ENV, log: () => {}, scripted: scriptedModel([]) });
  ({ secret } = await sluice.createToken("ann", "admin", null));
  const log = pino({ enabled: false });
  server = await startServer({ sluice, port: 0, host: "127.0.0.1", dataDir: project.config.dataDir, log });
  await post(`${WORKFLOW}/promote`, { change: BEGIN, reason: "begin", override: true, solo: true });
}, 30_000);
afterAll(async () => {
  await server.close();
  await sluice.close();
  await rm(dir, { recursive: true, force: true });
});

async function post(to: string, body: Json): Promise<{ status: number; body: JsonObject }> {
  const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
  const response = await fetch(server.url + to, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as JsonObject };
}

const present = async (): Promise<string> => JSON.stringify(await sluice.releases.presentRelease("flow"));

/** Tries something that has to be refused, and sees that nothing came of it. */
async function refused<T>(attempt: () => Promise<T>): Promise<T> {
  const before = await present();
  const answer = await attempt();
  expect(await present()).toBe(before);
  return answer;
}

const ways = (of: Readonly<Record<string, string>>, way: Way): string[] =>
  Object.keys(of).filter((key) => of[key] === way);

describe("every call", () => {
  test("that changes anything is known, with how it could raise something or why it cannot", () => {
    const changing = Object.keys(ROUTES).filter((key) => !key.startsWith("GET "));
    expect(Object.keys(CALLS).toSorted()).toEqual(changing.toSorted());
  });

  test("of the command line is known as well", async () => {
    expect(Object.keys(COMMAND_CALLS)).toEqual(expect.arrayContaining(await commandsThereAre()));
  });

  test("and every raise can be written both ways", () => {
    expect(Object.keys(RAISE_OPTIONS)).toEqual(Object.keys(RAISES));
  });
});

/** `release promote` and so on: what can be typed. */
async function commandsThereAre(): Promise<string[]> {
  const names: string[] = [];
  for (const { name, load } of COMMANDS) {
    const command = new Command(name);
    (await load()).define(command, processIo());
    const below = command.commands.map((each) => `${name} ${each.name()}`);
    names.push(...(below.length === 0 ? [name] : below));
  }
  return names;
}

describe.each(Object.keys(RAISES))("%s without evidence", (what) => {
  const change = RAISES[what] as JsonObject;

  test.each(ways(CALLS, "promote"))("is refused by %s", async (key) => {
    const answer = await refused(() => post(path(key), { change, reason: "try" }));
    expect([answer.status, answer.body["code"]]).toEqual([409, "gate_closed"]);
  });

  test.each(ways(CALLS, "demote"))("is refused by %s, which only lowers", async (key) => {
    const answer = await refused(() => post(path(key), { change, reason: "try" }));
    expect([answer.status, answer.body["code"]]).toEqual([409, "not_a_lowering"]);
    const forced = await refused(() => post(path(key), { change, reason: "try", override: true, solo: true }));
    expect([forced.status, forced.body["code"]]).toEqual([422, "invalid_body"]);
  });

  test("is refused within a change that lowers something else", async () => {
    const mixed = { ...change, when_off: "review", ...(what.includes("sample") ? {} : { sample: 1 }) };
    const answer = await refused(() => post(`${WORKFLOW}/promote`, { change: mixed, reason: "try" }));
    expect(answer.body["code"]).toBe("gate_closed");
  });

  test("goes nowhere by an override that nobody else has agreed to", async () => {
    const answer = await refused(() => post(`${WORKFLOW}/promote`, { change, reason: "try", override: true }));
    expect(answer.status).toBe(202);
    const id = answer.body["proposal_id"] as string;
    for (const key of ways(CALLS, "approve")) {
      const own = await refused(() => post(path(key, id), { reason: "agreed" }));
      expect([own.status, own.body["code"]]).toEqual([409, "same_person"]);
    }
  });

  test.each([...ways(COMMAND_CALLS, "promote"), ...ways(COMMAND_CALLS, "demote")])(
    "is refused by sluice %s",
    async (name) => {
      const ended = await refused(() => type(...name.split(" "), "flow", ...(RAISE_OPTIONS[what] as string[])));
      expect(ended.code).toBe(name === "release promote" ? 1 : 2);
      expect(ended.err).toMatch(/gate is closed|would raise/);
    },
  );
});

describe("a call that raises one thing", () => {
  test.each([...ways(CALLS, "share"), ...ways(CALLS, "grant")])("is refused: %s", async (key) => {
    const answer = await refused(() => post(path(key, "send"), bodyOf(key)));
    expect([answer.status, answer.body["code"]]).toEqual([409, "gate_closed"]);
  });

  test.each([...ways(COMMAND_CALLS, "share"), ...ways(COMMAND_CALLS, "grant")])(
    "is refused: sluice %s",
    async (name) => {
      const rest = name === "tool grant" ? ["send", "--workflow", "flow"] : ["flow", "60%"];
      const ended = await refused(() => type(...name.split(" "), ...rest));
      expect([ended.code, ended.err]).toEqual([1, expect.stringContaining("gate is closed")]);
    },
  );

  test.each(ways(CALLS, "version"))("is refused by %s for what was never in force at this stage", async (key) => {
    for (const target of [{ version: "2" }, { slot: "classify", version: "2" }]) {
      const answer = await refused(() => post(path(key), { ...target, reason: "try" }));
      expect([answer.status, answer.body["code"]]).toEqual([409, "gate_closed"]);
    }
    const ended = await refused(() => type("release", "rollback", "flow", "--version", "2"));
    expect([ended.code, ended.err]).toEqual([1, expect.stringContaining("gate is closed")]);
  });

  test("is refused where it switches on again what was switched off", async () => {
    await post(`${WORKFLOW}/off`, { reason: "incident" });
    for (const key of ways(CALLS, "on")) {
      const answer = await refused(() => post(path(key), { reason: "try" }));
      expect([answer.status, answer.body["code"]]).toEqual([409, "gate_closed"]);
    }
    const ended = await refused(() => type("release", "on", "flow"));
    expect([ended.code, ended.err]).toEqual([1, expect.stringContaining("gate is closed")]);
  });
});

function path(key: string, name = ""): string {
  const [, route = ""] = key.split(" ");
  return route.replace("{workflow}", "flow").replace(/\{\w+\}/, name);
}

function bodyOf(key: string): JsonObject {
  return key.includes("/tools/") ? { workflow: "flow", reason: "try" } : { share: 0.6, reason: "try" };
}

function type(...argv: string[]): ReturnType<typeof typed> {
  return typed([...argv, "--reason", "try", "--url", server.url, "--token", secret], { cwd: dir });
}
