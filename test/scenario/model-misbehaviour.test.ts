import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/base/json.ts";
import { GOOD, completion, independentMock, outcomes, rawServer, said, worldWith } from "./misbehaving.ts";
import type { Faults, Outcome, RawFault } from "./misbehaving.ts";

const good = JSON.stringify(GOOD);
const answer = (over: JsonObject): string => JSON.stringify({ ...GOOD, ...over });

/** A fault, then: class of the failure, its code, calls of the model, where it goes, and what is on record of each call. */
type Row<Fault> = readonly [Fault, ends: string, code: string, calls: number, then: Outcome["then"], raw: RegExp];

/** Faults of what the model writes. What is invalid is repaired once; here the repair is as bad as the answer was. */
const WRITTEN: Readonly<Record<string, Row<Faults>>> = {
  "not JSON": [{ content: "Billing, I think." }, "invalid_output", "not_json", 2, "review", /Billing, I think\./],
  "prose before": [{ content: `Sure! ${good}` }, "invalid_output", "not_json", 2, "review", /Sure!/],
  "prose after": [{ content: `${good}\nHope it helps` }, "invalid_output", "not_json", 2, "review", /Hope it helps/],
  fenced: [{ content: `\`\`\`json\n${good}\n\`\`\`` }, "invalid_output", "not_json", 2, "review", /```json/],
  "two answers": [{ content: `${good}${good}` }, "invalid_output", "not_json", 2, "review", /billing/],
  "single quotes": [{ content: good.replaceAll('"', "'") }, "invalid_output", "not_json", 2, "review", /'billing'/],
  "wrong enum": [{ content: answer({ category: "refund" }) }, "invalid_output", "schema", 2, "review", /refund/],
  "wrong case": [{ content: answer({ category: "Billing" }) }, "invalid_output", "schema", 2, "review", /Billing/],
  "wrong type": [{ content: answer({ confidence: "0.9" }) }, "invalid_output", "schema", 2, "review", /0\.9/],
  "out of range": [{ content: answer({ confidence: 1.01 }) }, "invalid_output", "schema", 2, "review", /1\.01/],
  "missing field": [{ content: '{"category":"billing"}' }, "invalid_output", "schema", 2, "review", /billing/],
  "extra field": [{ content: answer({ mood: "sad" }) }, "invalid_output", "schema", 2, "review", /sad/],
  "20,000 extra fields": [
    { content: JSON.stringify({ ...GOOD, ...Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`x${i}`, 1])) }) },
    "invalid_output", "schema", 2, "review", /x19999/,
  ],
  "an array": [{ content: `[${good}]` }, "invalid_output", "schema", 2, "review", /\[\{/],
  null: [{ content: "null" }, "invalid_output", "schema", 2, "review", /null/],
  truncated: [{ content: good.slice(0, 30) }, "invalid_output", "not_json", 2, "review", /billing/],
  blank: [{ content: " \n " }, "invalid_output", "not_json", 2, "review", /chat\.completion/],
  "duplicate keys": [{ content: good.replace("{", '{"category":"other",') }, "invalid_output", "duplicate_keys", 2, "review", /other/],
  "duplicate keys, escaped": [{ content: good.replace("{", '{"\\u0063ategory":"other",') }, "invalid_output", "duplicate_keys", 2, "review", /0063/],
  NaN: [{ content: good.replace("0.9", "NaN") }, "invalid_output", "not_json", 2, "review", /NaN/],
  Infinity: [{ content: good.replace("0.9", "-Infinity") }, "invalid_output", "not_json", 2, "review", /-Infinity/],
  "1e999": [{ content: good.replace("0.9", "1e999") }, "invalid_output", "number_range", 2, "review", /1e999/],
  "a hair below the threshold": [{ content: good.replace("0.9", "0.74999999999999999999") }, "invalid_output", "number_range", 2, "review", /0\.7499/],
  "__proto__": [{ content: good.replace("{", '{"__proto__":{"category":"other"},') }, "invalid_output", "forbidden_key", 2, "review", /__proto__/],
  "a key called constructor": [{ content: good.replace("{", '{"constructor":{},') }, "invalid_output", "schema", 2, "review", /constructor/],
  "half a surrogate pair": [{ content: good.replace("high", "\\ud800") }, "invalid_output", "broken_text", 2, "review", /ud800/],
  "a byte order mark": [{ content: `\uFEFF${good}` }, "invalid_output", "not_json", 2, "review", /\uFEFF/],
  "a comment": [{ content: `${good} // sure` }, "invalid_output", "not_json", 2, "review", /sure/],
  "100,000 levels": [{ content: "[".repeat(100_000) + "]".repeat(100_000) }, "invalid_output", "too_deep", 2, "review", /\[{1000}/],
  "tool calls": [{ toolCalls: [{ name: "classify", arguments: good }] }, "invalid_output", "not_json", 2, "review", /tool_calls/],
  "length stop": [{ content: good.slice(0, 30), finishReason: "length" }, "refused", "length", 1, "review", /billing/],
  "length stop after a whole answer": [{ content: good, finishReason: "length" }, "refused", "length", 1, "review", /billing/],
  "content filter": [{ content: "", finishReason: "content_filter" }, "refused", "content_filter", 1, "review", /content_filter/],
  "500": [{ error: { message: "boom" }, status: 500 }, "transient", "http_500", 5, "dead", /boom/],
  "503": [{ error: { message: "loading" }, status: 503 }, "transient", "http_503", 5, "dead", /loading/],
  "429": [{ error: { message: "slow down" }, status: 429, retryAfter: 0 }, "rate_limited", "http_429", 8, "dead", /slow down/],
  "401": [{ error: { message: "no such key" }, status: 401 }, "bug", "http_401", 1, "dead", /no such key/],
  "filtered by status": [{ error: { message: "filtered", code: "content_filter" }, status: 400 }, "refused", "content_filter", 1, "review", /filtered/],
  "chaos malformed": [{ content: "" }, "transient", "not_the_protocol", 5, "dead", /malformed json/],
  "chaos disconnect": [{ content: "" }, "transient", "connection_lost", 5, "dead", /^$/],
  "negative usage": [{ content: good, usage: { prompt_tokens: -5, completion_tokens: -5 } }, "decided", "", 1, "done", /-5/],
  "absurd usage": [{ content: good, usage: { prompt_tokens: 1e300, completion_tokens: 0.5 } }, "decided", "", 1, "done", /1e\+300/],
  "good at last": [(call) => ({ content: call === 1 ? "Let me think." : good }), "decided", "", 2, "done", /Let me think|billing/],
}; // prettier-ignore

const json = (body: string | Buffer, status = 200, type = "application/json"): RawFault => {
  return (response) => void response.writeHead(status, { "content-type": type }).end(body);
};
const whole = completion(said(good));
const MIB = 1024 * 1024;
const BOMB = gzipSync(Buffer.alloc(64 * MIB, 32));

function cutAfter(text: string): RawFault {
  return (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "5000" });
    response.write(text, () => response.destroy());
  };
}

/** Faults of the wire and of the protocol, which the mock cannot make. */
const SENT: Readonly<Record<string, Row<RawFault>>> = {
  "20 MB": [json(completion(said("x".repeat(20 * MIB)))), "invalid_output", "reply_too_large", 2, "review", /chatcmpl-1.*\[sluice: the beginning of more than \d+ bytes; SHA-256/s],
  "a gzip bomb": [
    (response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(BOMB),
    "invalid_output", "reply_too_large", 2, "review", /\[sluice: the beginning/,
  ],
  "gzip that is none": [(response) => void response.writeHead(200, { "content-encoding": "gzip" }).end("plain"), "transient", "connection_lost", 5, "dead", /^$/],
  refusal: [json(completion({ ...(said(null) as JsonObject), refusal: "I can't help." })), "refused", "refusal", 1, "review", /I can't help/],
  "refusal in parts": [json(completion(said([{ type: "refusal", refusal: "No." }]))), "refused", "refusal", 1, "review", /No\./],
  "null content": [json(completion(said(null))), "invalid_output", "not_json", 2, "review", /null/],
  "no content": [json(completion({ role: "assistant" })), "invalid_output", "not_json", 2, "review", /assistant/],
  "content in parts": [json(completion(said([{ type: "text", text: good.slice(0, 9) }, { type: "text", text: good.slice(9) }]))), "decided", "", 1, "done", /text/],
  "content that is an object": [json(completion(said(GOOD))), "transient", "not_the_protocol", 5, "dead", /billing/],
  "several choices": [
    json(JSON.stringify({ choices: [{ message: said(good) }, { message: said(answer({ category: "other" })) }] })),
    "decided", "", 1, "done", /other/,
  ],
  "no choices": [json('{"choices":[]}'), "transient", "not_the_protocol", 5, "dead", /choices/],
  "two contents": [json(whole.replace('"role"', '"content":"{}","role"')), "transient", "not_the_protocol", 5, "dead", /\{\}/],
  "an envelope 100,000 deep": [json(`{"choices":${"[".repeat(100_000)}${"]".repeat(100_000)}}`), "transient", "not_the_protocol", 5, "dead", /choices/],
  "an error in a 200": [json('{"error":{"message":"busy","code":503}}'), "transient", "http_503", 5, "dead", /busy/],
  "an error in a choice": [json('{"choices":[{"error":{"message":"gone","code":502},"finish_reason":"error","message":{"content":""}}]}'), "transient", "http_502", 5, "dead", /gone/],
  "an error in words": [json('{"error":"model not loaded"}'), "transient", "not_the_protocol", 5, "dead", /not loaded/],
  "a page": [json("<html>Maintenance</html>", 200, "text/html"), "transient", "not_the_protocol", 5, "dead", /Maintenance/],
  "an answer called a page": [json(whole, 200, "text/html"), "decided", "", 1, "done", /billing/],
  "a stream": [json(`data: ${whole}\n\ndata: [DONE]\n\n`, 200, "text/event-stream"), "transient", "not_the_protocol", 5, "dead", /\[DONE\]/],
  "an empty body": [json(""), "transient", "not_the_protocol", 5, "dead", /^$/],
  "no content at all": [(response) => void response.writeHead(204).end(), "transient", "not_the_protocol", 5, "dead", /^$/],
  "a body cut short": [json(whole.slice(0, 60)), "transient", "not_the_protocol", 5, "dead", /chatcmpl-1/],
  "a disconnect in the middle": [cutAfter('{"choices":[{"message":{"content":"{'), "transient", "connection_lost", 5, "dead", /^\{"choices":\[\{"message":\{"content":"\{$/],
  "a disconnect at once": [(response) => void response.destroy(), "transient", "connection_lost", 5, "dead", /^$/],
  "no HTTP": [(response) => void response.socket?.end("hello\r\n\r\n"), "transient", "connection_lost", 5, "dead", /^$/],
  "a byte order mark before the body": [json(`\uFEFF${whole}`), "decided", "", 1, "done", /^\uFEFF\{/],
  "bytes that are no UTF-8": [
    json(Buffer.from(completion(said(answer({ category: "b\u0001" }))).replace("\\\\u0001", "\u00ff"), "latin1")),
    "invalid_output", "broken_text", 2, "review", /b\uFFFD.*\[sluice: of \d+ bytes some are not UTF-8.*SHA-256/s,
  ],
  "UTF-16": [json(Buffer.from(whole, "utf16le"), 200, "application/json; charset=utf-16"), "transient", "not_the_protocol", 5, "dead", /./],
  "a redirect": [(response) => void response.writeHead(307, { location: "http://127.0.0.1:1/" }).end("moved"), "bug", "http_307", 1, "dead", /moved/],
  "a huge page with a 500": [json("x".repeat(3 * MIB), 500), "transient", "http_500", 5, "dead", /^x+\n?\[sluice: the beginning|\[sluice: the beginning/],
  "usage in words": [json(completion(said(good), { usage: { prompt_tokens: "ten", completion_tokens: {} } })), "decided", "", 1, "done", /ten/],
  "no usage": [json(completion(said(good), { usage: null })), "decided", "", 1, "done", /null/],
  hang: [() => undefined, "timeout", "model_timeout", 3, "dead", /^$/],
  "hang in the middle": [(response) => void response.writeHead(200).write('{"choices":[{"mess'), "timeout", "model_timeout", 3, "dead", /^\{"choices":\[\{"mess$/],
}; // prettier-ignore

/** The table as it should be beside the table as it came out, raw answers judged. */
function compare<Fault>(
  table: Readonly<Record<string, Row<Fault>>>,
  found: Record<string, Outcome>,
): { expected: object; actual: object } {
  const expected = Object.entries(table).map(([fault, [, ends, code, calls, then]]) => {
    const repairs = calls === 2 ? 1 : 0;
    return [fault, { ends, code, calls, repairs, then, raw: Array(calls).fill("as it came") }];
  });
  const actual = Object.entries(found).map(([fault, { raw, ...rest }]) => {
    const like = table[fault]?.[5] ?? /(?!)/;
    return [fault, { ...rest, raw: raw.map((text = "") => (like.test(text) ? "as it came" : text.slice(-300))) }];
  });
  return { expected: Object.fromEntries(expected), actual: Object.fromEntries(actual) };
}

const faultsOf = <Fault>(table: Readonly<Record<string, Row<Fault>>>): Record<string, Fault> =>
  Object.fromEntries(Object.entries(table).map(([fault, [given]]) => [fault, given]));

describe("a model that misbehaves ends in its class, with one repair where there is one, and all it said on record", () => {
  test("in what it writes, by a mock that nobody here wrote", { timeout: 60_000 }, async () => {
    const peer = await independentMock(faultsOf(WRITTEN));
    const world = await worldWith(peer.url);
    const { expected, actual } = compare(WRITTEN, await outcomes(world, peer, Object.keys(WRITTEN)));
    expect(actual).toEqual(expected);
    expect(world.log.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("on the wire, by a server that sends any bytes", { timeout: 60_000 }, async () => {
    const peer = await rawServer(faultsOf(SENT));
    const world = await worldWith(peer.url);
    // Those that are up to the clock go last, when nothing else keeps this process busy.
    const isSlow = (fault: string): boolean => fault.startsWith("hang");
    const quick = Object.keys(SENT).filter((fault) => !isSlow(fault));
    const slow = Object.keys(SENT).filter(isSlow);
    const found = { ...(await outcomes(world, peer, quick)), ...(await outcomes(world, peer, slow)) };
    const { expected, actual } = compare(SENT, found);
    expect(actual).toEqual(expected);
    expect(world.log.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("what a failing provider quotes of an event is hidden on record, also where a long page is cut", async () => {
    const secret = "my card 4111 1111 1111 1111 was charged twice";
    const page = (more: number): string => `<p>${secret}</p>`.repeat(more);
    const peer = await rawServer({ short: json(page(1), 500), long: json(page(5_000), 500) });
    const world = await worldWith(peer.url);
    for (const fault of ["short", "long"]) {
      const runId = await world.submit({ ticket: { id: "t", body: `${secret}, see «${fault}»` } });
      await world.ended(runId);
      const raws = (await world.steps(runId, "classify")).map(({ raw = "" }) => raw);
      expect(raws).toHaveLength(5);
      for (const raw of raws) {
        expect(raw).toContain("[redacted:sensitive:");
        expect(raw).not.toMatch(/4111|charged twice/);
      }
    }
  });
});
