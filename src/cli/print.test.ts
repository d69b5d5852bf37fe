import { expect, test } from "vitest";
import type { Io } from "./io.ts";
import { colouredStatus, table } from "./print.ts";

const columns = [{ title: "RUN" }, { title: "WHAT", grows: true }, { title: "AGE", right: true }];
const rows = [["run_1", "a long text ".repeat(20).trim(), "2h"]];
const at = (width: number): Io => ({ width, colour: false }) as Io;

test("a table is cut to the terminal, and to nothing where there is none", () => {
  expect(table(at(40), columns, rows)[1]).toBe("run_1  a long text a long text a l…   2h");
  expect(table(at(Number.POSITIVE_INFINITY), columns, rows)[1]).toBe(`run_1  ${rows[0]?.[1]}   2h`);
});

test("a name that every object has is coloured as little as any other", () => {
  const io = { width: 80, colour: true } as Io;
  expect(colouredStatus(io, "constructor")).toBe("constructor");
  expect(table(io, columns, [["toString", "__proto__", "2h"]])[1]).toMatch(/^toString +__proto__ +2h$/);
});
