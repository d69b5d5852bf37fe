import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { progress } from "./progress.ts";

function output(isTTY: boolean): { stream: NodeJS.WriteStream; text: () => string } {
  let written = "";
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      written += chunk;
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }) as unknown as NodeJS.WriteStream, text: () => written };
}

test("without a terminal progress is a few plain lines", () => {
  const { stream, text } = output(false);
  const shown = progress("Posting", 100, stream);
  for (let done = 1; done <= 100; done++) shown.update(done);
  shown.end();
  const plain = text();
  expect(plain.trimEnd().split("\n")).toEqual([
    "  Posting: 25 of 100",
    "  Posting: 50 of 100",
    "  Posting: 75 of 100",
    "  Posting: 100 of 100",
  ]);
  expect(plain).not.toContain("\u001b");
  expect(plain).not.toContain("\r");
});

test("on a terminal one line is drawn over, and left when it ends", () => {
  const { stream, text } = output(true);
  const shown = progress("Posting", 10, stream);
  shown.update(5);
  shown.end();
  const drawn = text();
  expect(drawn).toContain("5/10");
  expect(drawn.match(/\n/g)).toHaveLength(1);
});
