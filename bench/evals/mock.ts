import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An OpenAI-compatible server that takes so long for each answer, in a process of its own. Prints its port. */
const DELAY_MS = Number(process.argv[2] ?? 20);

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (text: string) => (body += text));
  request.on("end", () => {
    // What was asked for stands at the end of the last message.
    const label = /label=(\w+)/.exec(body)?.[1] ?? "other";
    const content = JSON.stringify({ category: label, confidence: 0.9, reason: "It says so." });
    const answer = {
      id: "cmpl-1",
      object: "chat.completion",
      created: 0,
      model: "mock",
      choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
      usage: { prompt_tokens: 120, completion_tokens: 20, total_tokens: 140 },
    };
    setTimeout(() => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(answer));
    }, DELAY_MS);
  });
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
