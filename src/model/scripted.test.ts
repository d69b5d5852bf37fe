import { expect, test } from "vitest";
import { Failure } from "../base/failure.ts";
import type { ModelRequest } from "./port.ts";
import { ScriptedReply, scriptedModel } from "./scripted.ts";

const request = (changes: Partial<ModelRequest> = {}): ModelRequest => ({
  provider: "scripted",
  model: "m",
  messages: [{ role: "user", content: "12345678" }],
  timeoutMs: 1_000,
  signal: new AbortController().signal,
  ...changes,
});

test("answers are used up in order, and a call too many is a failure", async () => {
  const down = new Failure({ class: "transient", code: "http_503", message: "down" });
  const model = scriptedModel([
    "not json",
    { a: 1 },
    down,
    new ScriptedReply({ finishReason: "refusal", text: "no", usage: null }),
  ]);
  expect(await model.call(request())).toMatchObject({
    text: "not json",
    finishReason: "stop",
    usage: { inputTokens: 2, outputTokens: 2 },
  });
  expect((await model.call(request())).text).toBe('{"a":1}');
  await expect(model.call(request())).rejects.toBe(down);
  expect(await model.call(request())).toMatchObject({ text: "no", finishReason: "refusal", usage: null });
  await expect(model.call(request())).rejects.toMatchObject({ info: { code: "script_exhausted" } });
  expect(model.requests).toHaveLength(5);
});

test("a function sees the request and the number of the call; answers pushed later go first", async () => {
  const model = scriptedModel((asked, call) => ({ call, said: asked.messages[0]?.content ?? "" }));
  expect((await model.call(request())).text).toBe('{"call":1,"said":"12345678"}');
  model.push("next");
  expect((await model.call(request())).text).toBe("next");
});

test("a script that never answers ends by the time limit, or by the caller's abort", async () => {
  const model = scriptedModel(() => new Promise(() => undefined));
  await expect(model.call(request({ timeoutMs: 10 }))).rejects.toMatchObject({ info: { class: "timeout" } });
  const controller = new AbortController();
  const pending = model.call(request({ signal: controller.signal }));
  const reason = new Error("stopped");
  controller.abort(reason);
  await expect(pending).rejects.toBe(reason);
  await expect(model.call(request({ signal: controller.signal }))).rejects.toBe(reason);
});
