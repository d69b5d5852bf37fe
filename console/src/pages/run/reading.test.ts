import { describe, expect, test } from "vitest";
import { asText, nearestPlace, readAnswer } from "./reading.ts";

describe("a model's answer", () => {
  test.each([
    ["alone", '{"a":1}'],
    ["in a code fence", '```json\n{"a":1}\n```'],
    ["between words", 'Here it is: {"a":1}. Anything else?'],
  ])("is read as JSON where it stands %s", (_where, text) => {
    expect(readAnswer(text)?.value).toEqual({ a: 1 });
  });

  test.each(["I cannot say.", "", "42", "} {", "{broken"])("is a text otherwise: %j", (text) => {
    expect(readAnswer(text)).toBeNull();
    expect(asText(text)).toBe(text);
  });
});

describe("the place of a mistake", () => {
  test.each([
    ["/a/0/b~1c", "/a/0/b~1c"],
    ["/a/0/missing", "/a/0"],
    ["/missing/deep", ""],
    ["/a/0/constructor", "/a/0"],
    ["", ""],
  ])("%s is shown at %j", (pointer, place) => {
    expect(nearestPlace({ a: [{ "b/c": 1 }] }, pointer)).toBe(place);
  });
});
