import { describe, expect, test } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { promptFromDocument } from "./load.ts";
import { PromptRegistry, splitVersion } from "./registry.ts";
import { promptSet } from "./set.ts";
import type { PromptSpec } from "./spec.ts";

function spec(version: string, over: JsonObject = {}): PromptSpec {
  return promptFromDocument({
    name: "classifier",
    version,
    owner: "tests",
    model: "local/in-context",
    inputs: ["a"],
    output_schema: { type: "object" },
    ...over,
  });
}

const versions = (registry: PromptRegistry): string[] => registry.all().map(({ version }) => version);
const kept = ({ name, version, hash, document }: PromptSpec) => ({
  name,
  version,
  hash,
  body: JSON.stringify(document),
});

describe("the versions of a process", () => {
  test("are those of its files and those that are published, in order", () => {
    const registry = new PromptRegistry(promptSet([spec("2")]));
    registry.publish(spec("10"));
    registry.publish(spec("1"));
    expect(versions(registry)).toEqual(["1", "2", "10"]);
    expect(registry.latest("classifier")?.version).toBe("10");
    expect(["1", "2"].map((version) => registry.sourceOf({ name: "classifier", version }))).toEqual([
      "registry",
      "file",
    ]);
    registry.withdraw("classifier", "10");
    expect(versions(registry)).toEqual(["1", "2"]);
  });

  test("are the file's where file and registry have one of the same name and version", () => {
    const file = spec("1", { owner: "file" });
    const registry = new PromptRegistry(promptSet([file]));
    registry.publish(spec("1"));
    expect(registry.get("classifier", "1").owner).toBe("file");
    expect(versions(registry)).toEqual(["1"]);
  });

  test("hold what was only registered once for those who ask for it by name, and for no list", () => {
    const registry = new PromptRegistry(promptSet([spec("1")]));
    registry.keep(kept(spec("0")));
    expect(versions(registry)).toEqual(["1"]);
    expect(registry.find("classifier", "0")?.version).toBe("0");
    expect(registry.get("classifier", "0").version).toBe("0");
    expect(() => registry.get("classifier", "7")).toThrow('no version "7"');
  });

  test("do without what does not read as it was published", () => {
    const registry = new PromptRegistry(promptSet([]));
    registry.keep({ ...kept(spec("0")), hash: "another" });
    registry.keep({ ...kept(spec("1")), body: '{"name":"classifier"}' });
    expect([registry.find("classifier", "0"), registry.find("classifier", "1")]).toEqual([undefined, undefined]);
  });
});

test("a version is named with its prompt; a prompt alone leaves the version open", () => {
  expect(splitVersion("a@1.2")).toEqual({ name: "a", version: "1.2" });
  expect(splitVersion("a")).toEqual({ name: "a", version: undefined });
  expect(() => splitVersion("a@")).toThrow("NAME@VERSION");
});
