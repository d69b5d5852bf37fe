import type { Format } from "ajv";
import { fullFormats } from "ajv-formats/dist/formats.js";

/** Some formats are native regular expressions that get slow on long texts; nothing that long has such a format. */
const MAX_LENGTH = 8_192;
const LINEAR = new Set(["byte", "uri", "uri-reference", "json-pointer", "date-time", "time"]);

const CLOCK = String.raw`\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)`;
/** Where the library's reading is looser than the standard that a format names. */
const STRICTER: Readonly<Record<string, RegExp>> = {
  "date-time": new RegExp(String.raw`^\d{4}-\d\d-\d\d[Tt]${CLOCK}$`),
  time: new RegExp(`^${CLOCK}$`),
  uuid: /^[0-9A-Fa-f-]{36}$/,
  byte: /^[A-Za-z0-9+/]*={0,2}$/,
};

/** Values of `format` that are checked; any other is a mistake in the schema. */
export const FORMATS: ReadonlyMap<string, Format> = new Map(
  Object.entries(fullFormats).map(([name, format]) => [name, bounded(name, format)]),
);

function bounded(name: string, format: Format): Format {
  const fits = (text: string): boolean =>
    (LINEAR.has(name) || text.length <= MAX_LENGTH) && (STRICTER[name]?.test(text) ?? true);
  if (format instanceof RegExp) return (text: string) => fits(text) && format.test(text);
  if (typeof format === "function") return (text: string) => fits(text) && format(text);
  if (typeof format === "object" && format.type !== "number" && typeof format.validate === "function") {
    const check = format.validate as (text: string) => boolean;
    return (text: string) => fits(text) && check(text);
  }
  return format;
}
