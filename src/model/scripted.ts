import { Failure } from "../base/failure.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { ModelPort, ModelReply, ModelRequest } from "./port.ts";

/** Text is sent as it is, any other JSON as its text; `{reply}` sets fields of the reply; a `Failure` or an abort is thrown. */
type ScriptedAnswer = string | JsonObject | Json[] | ScriptedReply | Error;

export class ScriptedReply {
  readonly reply: Partial<ModelReply>;
  constructor(reply: Partial<ModelReply>) {
    this.reply = reply;
  }
}

export type Script =
  | readonly ScriptedAnswer[]
  | ((request: ModelRequest, call: number) => ScriptedAnswer | Promise<ScriptedAnswer>);

export interface ScriptedModel extends ModelPort {
  /** Every request so far, oldest first. */
  readonly requests: readonly ModelRequest[];
  /** Answers to give after those already lined up. */
  push(...answers: ScriptedAnswer[]): void;
}

/**
 * A model for tests that answers from a script: a list used up in order, or a function of the request. A list that has run
 * out fails the call (`bug`, `script_exhausted`), so that a test notices a call it did not expect.
 */
export function scriptedModel(script: Script = []): ScriptedModel {
  const requests: ModelRequest[] = [];
  const queue: ScriptedAnswer[] = typeof script === "function" ? [] : [...script];
  return {
    requests,
    push: (...answers) => void queue.push(...answers),
    async call(request) {
      request.signal.throwIfAborted();
      requests.push(request);
      const fromFunction = queue.length === 0 && typeof script === "function";
      const answer = fromFunction ? await abortable(script(request, requests.length), request) : queue.shift();
      if (answer === undefined) throw exhausted(requests.length);
      return replyOf(request, answer);
    },
  };
}

function exhausted(calls: number): Failure {
  return new Failure({
    class: "bug",
    code: "script_exhausted",
    message: `The scripted model was called ${calls} times and has no answer left for this call.`,
  });
}

/** A script that never answers behaves like a hanging model: it ends by timeout or by the caller's abort. */
async function abortable<T>(answer: T | Promise<T>, { signal, timeoutMs }: ModelRequest): Promise<T> {
  if (!(answer instanceof Promise)) return answer;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  const late = new Failure({
    class: "timeout",
    code: "model_timeout",
    message: `The scripted model took longer than ${timeoutMs} ms.`,
  });
  const timer = setTimeout(() => reject(late), timeoutMs);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

function replyOf(request: ModelRequest, answer: ScriptedAnswer): ModelReply {
  if (answer instanceof Error) throw answer;
  const given: Partial<ModelReply> =
    answer instanceof ScriptedReply
      ? answer.reply
      : { text: typeof answer === "string" ? answer : JSON.stringify(answer) };
  const text = given.text ?? "";
  const messages = request.messages.map(({ role, content }) => ({ role, content }));
  const asked = messages.reduce((sum, { content }) => sum + content.length, 0);
  return {
    finishReason: "stop",
    usage: { inputTokens: Math.ceil(asked / 4), outputTokens: Math.ceil(text.length / 4) },
    raw: text,
    request: { model: request.model, messages },
    providerModel: request.model,
    latencyMs: 0,
    ...given,
    text,
  };
}
