import { typeText } from "../base/schema-types.ts";
import type { ContractSet } from "./contract.ts";

/** Members of `SluiceEvents`: each event type with the TypeScript type of its current version. */
export function contractTypes(set: ContractSet): string {
  const members = set.types().map((type) => {
    const current = set.current(type);
    return current === undefined ? "" : `    ${JSON.stringify(type)}: ${typeText(current.schema.source, "    ")};\n`;
  });
  return `declare global {\n  interface SluiceEvents {\n${members.join("")}  }\n}\n`;
}
