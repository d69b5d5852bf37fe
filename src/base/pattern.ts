import { RE2JS } from "re2js";

/** A user's regular expression, matched in linear time. */
export interface Pattern {
  readonly source: string;
  test(text: string): boolean;
}

const SPACE = "\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}";
const NOT_SPACE =
  "\\x00-\\x08\\x0e-\\x1f!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}\\x{202a}-\\x{202e}" +
  "\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}";

const NAMED_BACK_REFERENCE = /\\k</;
/** Long names of Unicode categories, as ECMA-262 has them, by the short ones RE2 knows. */
const CATEGORIES: Readonly<Record<string, string>> = {
  Letter: "L", Lowercase_Letter: "Ll", Uppercase_Letter: "Lu", Titlecase_Letter: "Lt", Mark: "M", Number: "N",
  Decimal_Number: "Nd", Punctuation: "P", Symbol: "S", Currency_Symbol: "Sc", Math_Symbol: "Sm", Separator: "Z",
  Space_Separator: "Zs", Other: "C", Control: "Cc",
}; // prettier-ignore

/**
 * Compiles a JSON Schema pattern (ECMA-262) with RE2, so that no pattern can hang the process.
 * Throws `SyntaxError` saying what RE2 cannot do: lookaround, back-references, repeat counts over 1,000.
 */
export function compilePattern(source: string): Pattern {
  try {
    if (NAMED_BACK_REFERENCE.test(source.replace(/\\\\/g, ""))) throw new SyntaxError("back-reference");
    const compiled = RE2JS.compile(ecmaClasses(RE2JS.translateRegExp(source)));
    return { source, test: (text) => compiled.test(text) };
  } catch (error) {
    throw new SyntaxError(explain(source, error), { cause: error });
  }
}

/** `\s`, `\S` and `.` mean a little less in RE2 than in ECMA-262: spelled out, so that the same text matches. */
function ecmaClasses(source: string): string {
  let inClass = false;
  return source.replace(/\\[pP]\{[^}]*\}|\\[\s\S]|[[\].]/g, (token) => {
    if (token === "[" && !inClass) inClass = true;
    else if (token === "]") inClass = false;
    else if (token === "\\s") return inClass ? SPACE : `[${SPACE}]`;
    else if (token === "\\S") return inClass ? NOT_SPACE : `[${NOT_SPACE}]`;
    else if (token === "." && !inClass) return "[^\\n\\r\\x{2028}\\x{2029}]";
    return token.replace(
      /\{(?:\w+=)?(\w+)\}$/,
      (_, name: string) => `{${Object.hasOwn(CATEGORIES, name) ? CATEGORIES[name] : name}}`,
    );
  });
}

function explain(source: string, error: unknown): string {
  const bare = source.replace(/\\[^1-9k]/g, "");
  if (/\(\?<?[=!]/.test(bare))
    return "Lookahead and lookbehind are not supported in patterns, because they cannot be matched in bounded time.";
  if (/\\[1-9]|\\k</.test(bare))
    return "Back-references are not supported in patterns, because they cannot be matched in bounded time.";
  const reason = error instanceof Error ? error.message.replace("error parsing regexp: ", "") : String(error);
  return `The pattern is not a usable regular expression: ${reason}.`;
}
