import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import fc from "fast-check";
import { pino } from "pino";
import { afterEach, describe, expect, test } from "vitest";
import type { Sluice } from "../app/sluice.ts";
import { fakeRun, fakeSluice } from "../testing/fake-sluice.ts";
import { createHttp } from "./app.ts";
import { listen } from "./listen.ts";
import type { Listening } from "./listen.ts";

const GOLDEN = {
  event: "support_ticket.created",
  event_id: "evt_01HY9K2P0A7",
  created_at: "2026-05-29T14:22:10Z",
  ticket: { id: "tkt_9041", subject: "Charged twice after upgrading" },
};
const LIMIT = 64 * 1024;

let open: Listening | undefined;
afterEach(async () => open?.close());

async function serve(sluice: Partial<Sluice> = {}, stopping?: AbortSignal): Promise<Listening> {
  const log = pino({ enabled: false });
  const app = createHttp(fakeSluice(sluice), {
    log,
    loopbackOnly: true,
    maxBodyBytes: LIMIT,
    ...(stopping ? { stopping } : {}),
  });
  open = await listen(app, { port: 0, host: "127.0.0.1" });
  return open;
}

type Body = string | Uint8Array<ArrayBuffer> | ReadableStream;
type Answer = { status: number; body: Record<string, unknown>; headers: Headers };

async function post(url: string, body: Body, headers: Record<string, string> = {}, query = ""): Promise<Answer> {
  const response = await fetch(`${url}/v1/events${query}`, {
    method: "POST",
    body,
    headers: { authorization: "Bearer operator", "content-type": "application/json", ...headers },
    ...(body instanceof ReadableStream ? ({ duplex: "half" } as object) : {}),
  });
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    headers: response.headers,
  };
}

/** Pours a body without a declared length until the server ends it, at most `most` bytes; status null where it cut us off. */
function pour(url: string, most: number): Promise<{ status: number | null; sent: number }> {
  const chunk = Buffer.alloc(16 * 1024, "[");
  let sent = 0;
  return new Promise((resolve) => {
    const headers = { authorization: "Bearer operator", "content-type": "application/json" };
    const sender = httpRequest(url, { method: "POST", headers });
    let over = false;
    const end = (status: number | null): void => {
      over = true;
      sender.destroy();
      resolve({ status, sent });
    };
    sender.on("response", (answer) => end(answer.statusCode ?? null));
    sender.on("error", () => end(null));
    const more = (): void => {
      if (over) return;
      sent += chunk.length;
      if (sent >= most) end(null);
      else sender.write(chunk, more);
    };
    more();
  });
}

const json = JSON.stringify;

describe("one event", () => {
  test("is accepted, then a duplicate, then a conflict", async () => {
    const { url } = await serve();
    const runs = [{ run_id: "run_1", workflow: "support_triage" }];
    const receipt = { event_id: GOLDEN.event_id, runs, run_id: "run_1" };
    expect(await post(url, json(GOLDEN))).toMatchObject({ status: 202, body: { ...receipt, duplicate: false } });
    const reordered = Object.fromEntries(Object.entries(GOLDEN).toReversed());
    expect(await post(url, json(reordered))).toMatchObject({ status: 200, body: { ...receipt, duplicate: true } });
    const other = { ...GOLDEN, ticket: { ...GOLDEN.ticket, subject: "Other" } };
    expect(await post(url, json(other))).toMatchObject({
      status: 409,
      body: { code: "event_conflict", event_id: GOLDEN.event_id },
    });
  });

  test("off its contract is refused with pointers and its place in quarantine", async () => {
    const { url } = await serve();
    const { status, body } = await post(url, json({ event: "x" }));
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: "invalid_event", errors: [{ pointer: "/event_id" }], quarantine_id: "qua_1" });
  });

  test("is sent away with Retry-After when the queue is full", async () => {
    const { url } = await serve({ submit: async () => [{ outcome: "queue_full", eventId: "evt_1", retryAfterS: 7 }] });
    const { status, headers, body } = await post(url, json(GOLDEN));
    expect([status, headers.get("retry-after"), body["code"]]).toEqual([429, "7", "queue_full"]);
  });
});

describe("bodies that are no events", () => {
  const half = Buffer.concat([Buffer.from('{"event_id":"'), Buffer.from([0xc3]), Buffer.from('"}')]);
  test.each<[string, Body, number, string]>([
    ["nothing", "", 400, "empty_body"],
    ["no JSON", "{event: 1}", 400, "invalid_json"],
    ["two documents", "{} {}", 400, "invalid_json"],
    ["broken UTF-8", half, 400, "invalid_utf8"],
    ["half a surrogate pair", '{"event_id":"\\ud83d"}', 400, "invalid_json"],
    ["half a pair in a name", '{"\\ude00":1}', 400, "invalid_json"],
    ["an identifier that would be rounded", '{"event_id":"e","ticket":{"id":9007199254740993}}', 400, "invalid_json"],
    ["a number out of range", '{"event_id":"e","n":1e999}', 400, "invalid_json"],
    ["nesting without end", "[".repeat(30_000) + "]".repeat(30_000), 400, "too_deep"],
    ["the same key twice", '{"event_id":"evt_1","event_id":"evt_2"}', 400, "duplicate_keys"],
    ["an empty array", "[]", 422, "empty_batch"],
    ["501 events", json(Array.from({ length: 501 }, () => 1)), 413, "too_many_events"],
    ["more bytes than allowed", json({ event_id: "x".repeat(LIMIT) }), 413, "too_large"],
  ])("%s", async (_what, body, status, code) => {
    const { url } = await serve();
    expect(await post(url, body)).toMatchObject({ status, body: { status, code } });
  });

  test.each([
    ["text/plain", {}],
    ["application/x-www-form-urlencoded", {}],
    ["application/json; charset=latin1", {}],
    ["application/json", { "content-encoding": "gzip" }],
  ])("of type %s %o", async (type, more) => {
    const { url } = await serve();
    const { status, body } = await post(url, json(GOLDEN), { "content-type": type, ...more });
    expect([status, body["code"]]).toEqual([415, "unsupported_media_type"]);
  });

  test("far too large are answered with 413 every time, not with a broken connection", async () => {
    const { url } = await serve();
    const body = json({ event_id: "x".repeat(5 * 1024 * 1024) });
    for (let i = 0; i < 20; i++)
      expect(await post(url, body)).toMatchObject({ status: 413, body: { code: "too_large" } });
  });

  test("too large and never finished are cut off in time", { timeout: 20_000 }, async () => {
    const { url } = await serve();
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    const head = "POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer operator\r\n";
    socket.write(`${head}content-type: application/json\r\ncontent-length: ${LIMIT * 4}\r\n\r\n[`);
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    await new Promise((closed) => socket.once("close", closed));
    expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*"code":"too_large"/);
  });

  test("without end and without declared length are cut off at the limit", async () => {
    const { url } = await serve();
    const { status, sent } = await pour(`${url}/v1/events`, 64 * 1024 * 1024);
    // The connection may be cut before the client has read the answer; either way it stops there.
    expect([413, null]).toContain(status);
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    expect(await post(url, json(GOLDEN))).toMatchObject({ status: 202 });
  });

  test("never bring the server down: any bytes under any type give a 4xx or are accepted", async () => {
    const { url } = await serve();
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: "binary", maxLength: 200 }).map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(text.slice(0, text.length / 2))),
      fc
        .array(fc.constantFrom("[", "{", '"a":', "]", "}", "1e400", '"\\ud800"', ",", "null"), { maxLength: 60 })
        .map((parts) => Buffer.from(parts.join(""))),
    );
    const types = fc.constantFrom(
      "application/json",
      "application/cloudevents+json",
      "application/cloudevents-batch+json",
      "text/html",
      "a/b;charset=utf-7",
    );
    const queries = fc.constantFrom("", "?wait=0s", "?wait=%FF", "?wait=1s&wait=2s", "?x=1");
    await fc.assert(
      fc.asyncProperty(bytes, types, queries, fc.boolean(), async (body, type, query, cloud) => {
        const headers = { "content-type": type, ...(cloud ? { "ce-specversion": "1.0", "ce-id": "%" } : {}) };
        const { status, body: answer } = await post(url, new Uint8Array(body), headers, query);
        expect(status).toBeLessThan(500);
        if (status >= 400) expect(answer["code"]).toBeTypeOf("string");
      }),
      { numRuns: 400 },
    );
  });
});

describe("arrays", () => {
  test("are 202 when every item is accepted or a duplicate, in order", async () => {
    const { url } = await serve();
    const { status, body } = await post(url, json([{ event_id: "a" }, { event_id: "b" }, { event_id: "a" }]));
    expect(status).toBe(202);
    expect(body["results"]).toMatchObject([
      { index: 0, status: 202, event_id: "a", run_id: "run_1", duplicate: false },
      { index: 1, status: 202, event_id: "b", run_id: "run_2" },
      { index: 2, status: 200, event_id: "a", run_id: "run_1", duplicate: true },
    ]);
  });

  test("are 207 when an item is not, and the others are accepted all the same", async () => {
    const { url } = await serve();
    const { status, body } = await post(
      url,
      json([{ event_id: "a" }, 7, { event_id: "a", other: true }, { event_id: "b" }]),
    );
    expect(status).toBe(207);
    expect(body["results"]).toMatchObject([
      { index: 0, status: 202 },
      { index: 1, status: 422, event_id: null, code: "invalid_event", errors: [{ pointer: "/event_id" }] },
      { index: 2, status: 409, event_id: "a", code: "event_conflict" },
      { index: 3, status: 202 },
    ]);
  });

  test("take no wait", async () => {
    const { url } = await serve();
    expect(await post(url, json([{ event_id: "a" }]), {}, "?wait=1s")).toMatchObject({
      status: 400,
      body: { code: "wait_takes_one_event" },
    });
  });
});

describe("CloudEvents", () => {
  const attributes = {
    specversion: "1.0",
    id: "ce_1",
    source: "/desk",
    type: "support_ticket.created",
    time: "2026-05-29T14:22:10Z",
  };
  const seen: unknown[] = [];
  const submit: Sluice["submit"] = async (bodies) => {
    seen.push(...bodies);
    return bodies.map((_, index) => ({
      outcome: "accepted",
      eventId: `ce_${index + 1}`,
      runs: [{ runId: "run_1", workflow: "w" }],
    }));
  };
  const event = { event: "support_ticket.created", event_id: "ce_1", created_at: attributes.time, ticket: { id: "t" } };

  test("arrive structured, binary and as a batch as the same event", async () => {
    const { url } = await serve({ submit });
    const data = { ticket: { id: "t" } };
    const structured = { "content-type": "application/cloudevents+json" };
    expect((await post(url, json({ ...attributes, data }), structured)).status).toBe(202);
    const binary = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]));
    expect((await post(url, json(data), binary)).status).toBe(202);
    const batch = { "content-type": "application/cloudevents-batch+json" };
    expect((await post(url, json([{ ...attributes, data }]), batch)).status).toBe(202);
    expect(seen).toEqual([event, event, event]);
  });

  test("that lack an attribute are refused by name", async () => {
    const { url } = await serve({ submit });
    const { id: _, ...anonymous } = attributes;
    const answer = await post(url, json(anonymous), { "content-type": "application/cloudevents+json" });
    expect(answer).toMatchObject({ status: 422, body: { code: "invalid_event", errors: [{ pointer: "/id" }] } });
  });
});

describe("waiting for the decision", () => {
  test("gives it, with the prompt versions that made it", async () => {
    const { url } = await serve({ whenDecided: async (runId) => fakeRun({ runId }) });
    expect(await post(url, json(GOLDEN), {}, "?wait=20s")).toMatchObject({
      status: 200,
      body: {
        run_id: "run_1",
        status: "completed",
        disposition: "applied",
        decision: { category: "billing" },
        prompt_versions: { classifier: "2026-05-29.1" },
      },
    });
  });

  test("is 202 when time runs out, and when a person has to look first", async () => {
    const { url } = await serve({ whenDecided: async () => null });
    expect(await post(url, json(GOLDEN), {}, "?wait=10ms")).toMatchObject({ status: 202, body: { run_id: "run_1" } });
    await open?.close();
    const waiting = await serve({
      whenDecided: async () => fakeRun({ status: "waiting", wait: "review", decision: null, disposition: null }),
    });
    expect(await post(waiting.url, json(GOLDEN), {}, "?wait=20s")).toMatchObject({
      status: 202,
      body: { status: "waiting", waiting_for: "review" },
    });
  });

  test("ends when the client goes", async () => {
    const began = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const { url } = await serve({
      whenDecided: (_runId, _ms, signal) => {
        signal?.addEventListener("abort", () => ended.resolve());
        began.resolve();
        return ended.promise.then(() => null);
      },
    });
    const client = new AbortController();
    const headers = { authorization: "Bearer operator", "content-type": "application/json" };
    const request = fetch(`${url}/v1/events?wait=20s`, {
      method: "POST",
      body: json(GOLDEN),
      headers,
      signal: client.signal,
    });
    await began.promise;
    client.abort();
    await expect(request).rejects.toThrow("aborted");
    await ended.promise;
  });

  test("ends with 202 when the server is asked to stop, and the server then closes", async () => {
    const began = Promise.withResolvers<void>();
    const stopping = new AbortController();
    const server = await serve(
      {
        whenDecided: (_runId, _ms, signal) =>
          new Promise((resolve) => {
            signal?.addEventListener("abort", () => resolve(null));
            began.resolve();
          }),
      },
      stopping.signal,
    );
    const answer = post(server.url, json(GOLDEN), {}, "?wait=20s");
    await began.promise;
    stopping.abort();
    const closed = server.close();
    expect(await answer).toMatchObject({ status: 202, body: { run_id: "run_1" } });
    await closed;
    await expect(post(server.url, json(GOLDEN))).rejects.toThrow("fetch failed");
  });
});

describe("the listener", () => {
  test("answers what is no HTTP with a problem, and takes the next request", async () => {
    const { url } = await serve();
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.write("EHLO there\r\n\r\n");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('"code":"bad_request"');
    expect((await post(url, json(GOLDEN))).status).toBe(202);
  });

  test("says what to do when the port is taken", async () => {
    const { url } = await serve();
    const app = createHttp(fakeSluice(), { log: pino({ enabled: false }) });
    const port = Number(new URL(url).port);
    await expect(listen(app, { port, host: "127.0.0.1" })).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`);
  });
});
