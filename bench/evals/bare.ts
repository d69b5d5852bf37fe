import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, Output } from "ai";
import { Ajv2020 } from "ajv/dist/2020.js";
import { caseAt, LABELS, OUTPUT_SCHEMA, question, SYSTEM } from "./workload.ts";

/** The same calls in a bare loop: the AI SDK, the schema checked, accuracy counted, nothing stored. Answers the hits. */
export async function bareLoop(port: number, cases: number, concurrency: number): Promise<number> {
  const provider = createOpenAICompatible({
    name: "mock",
    baseURL: `http://127.0.0.1:${port}/v1`,
    supportsStructuredOutputs: true,
  });
  const model = provider.chatModel("mock");
  const validate = new Ajv2020().compile(OUTPUT_SCHEMA);
  const output = Output.object({ schema: jsonSchema<{ category: string }>(OUTPUT_SCHEMA as never) });
  let [next, hits] = [0, 0];
  const loop = async (): Promise<void> => {
    while (next < cases) {
      const each = caseAt(next++);
      const { output: answer } = await generateText({
        model,
        system: SYSTEM,
        prompt: question(each),
        temperature: 0,
        maxRetries: 0,
        output,
      });
      if (!validate(answer) || !LABELS.includes(answer.category))
        throw new Error("The mock's answer is off its schema.");
      if (answer.category === each.expected.category) hits++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  return hits;
}
