import { typeText } from "../base/schema-types.ts";
import type { PromptSet } from "./set.ts";

/** Members of `SluicePrompts`: each prompt with the TypeScript type of its latest version's output. */
export function promptTypes(set: PromptSet): string {
  const members = set.names().map((name) => {
    const latest = set.latest(name);
    return latest === undefined ? "" : `    ${JSON.stringify(name)}: ${typeText(latest.outputSchema, "    ")};\n`;
  });
  return `declare global {\n  interface SluicePrompts {\n${members.join("")}  }\n}\n`;
}
