import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import type { Json, JsonObject } from "../../src/base/json.ts";
import { ticket } from "../../src/testing/sample-project.ts";
import { accessibilityFaults, describeInBrowser } from "./browser.ts";
import type { Console } from "./browser.ts";

let made = 0;

/** A run that waits for a person; the id of its review. */
async function asked(console: Console, answer: string): Promise<string> {
  const runId = await console.run(ticket(`evt_review_${++made}`, answer));
  const { body } = await console.world.call(`GET /v1/reviews?run_id=${runId}`);
  return (body["items"] as { review_id: string }[])[0]?.review_id as string;
}

async function review(console: Console, id: string): Promise<JsonObject> {
  return (await console.world.call(`GET /v1/reviews/${id}`)).body;
}

function idOf(page: Page): string {
  return new URL(page.url()).pathname.split("/").at(-1) as string;
}

/** The item is there, ours, and has the focus. */
async function ready(page: Page, id?: string): Promise<void> {
  if (id !== undefined) await page.waitForURL((url) => url.pathname.endsWith(id));
  await page.locator("[id^=review-rev]:focus").waitFor();
  await page.getByText("yours", { exact: true }).waitFor();
}

/** One of a row of choices, as it is seen: its label. */
function choice(page: Page, name: string): Locator {
  return page.locator("label").filter({ has: page.getByRole("radio", { name, exact: true }) });
}

const LOW = "account/low/0.4";

describeInBrowser("reviewing at the console", (open) => {
  test("answers ten reviews by keyboard alone, each leading to the next, until nothing waits", async () => {
    const console = open();
    const ids: string[] = [];
    for (let n = 0; n < 10; n++) ids.push(await asked(console, LOW));
    const page = await console.signIn("kim", "reviewer", "/reviews");
    await page.getByText("low confidence").first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press("n");
    for (const [n, id] of ids.entries()) {
      await ready(page, id);
      if (n % 3 === 0) {
        await page.keyboard.press("a");
        await page.locator("[data-summary]:focus").waitFor();
        await page.keyboard.press("Enter");
      } else if (n % 3 === 1) {
        await page.keyboard.press("c");
        await page.locator("[data-review-form] input:focus").waitFor();
        await page.keyboard.press("1");
        await page.getByText("What changes in the decision").waitFor();
        for (let tabs = 0; tabs < 20 && !(await page.getByLabel("Why it is corrected").evaluate(hasFocus)); tabs++)
          await page.keyboard.press("Tab");
        await page.keyboard.type("It is about money.");
        await page.keyboard.press("Control+Enter");
      } else {
        await page.keyboard.press("r");
        await page.locator("[data-review-bar] textarea:focus").waitFor();
        await page.keyboard.press("Control+Enter");
      }
    }
    await page.getByText("Nothing waits for a person.").waitFor();
    await page.getByText("10 reviews, 4 approved, 3 corrected, 3 rejected").waitFor();
    for (const [n, id] of ids.entries()) {
      const { answer } = (await review(console, id)) as {
        answer: { action: string; by: string; corrected_output?: Json };
      };
      expect([answer.by, answer.action]).toEqual(["kim", (["approve", "correct", "reject"] as const)[n % 3]]);
      if (n % 3 === 1) expect(answer.corrected_output).toMatchObject({ category: "billing", urgency: "low" });
    }
  });

  test("shows who took a review first, what they said, and gives it over when it is given back", async () => {
    const console = open();
    const [first, second] = [await asked(console, LOW), await asked(console, LOW)];
    const kim = await console.signIn("kim", "reviewer", `/reviews/${first}`);
    await ready(kim);
    const lee = await console.signIn("lee", "reviewer", `/reviews/${first}`);
    await lee.getByText("kim has this review").waitFor();
    expect(await lee.getByRole("button", { name: /^Approve/ }).count()).toBe(0);
    await kim.keyboard.press("s");
    await ready(kim, second);
    await lee.getByText("yours", { exact: true }).waitFor();
    await lee.keyboard.press("r");
    await lee.keyboard.press("Control+Enter");
    await lee.getByText("with others").waitFor();
    await lee.goto(`${console.world.url}/reviews/${second}`);
    await lee.getByText("kim has this review").waitFor();
    await kim.keyboard.press("a");
    await kim.keyboard.press("Enter");
    await lee.getByText(/kim approved this review/).waitFor();
  });

  test("closes the other tab of the same person with a word, and loses nothing that was typed there", async () => {
    const console = open();
    const [id, other] = [await asked(console, LOW), await asked(console, LOW)];
    const page = await console.signIn("kim", "reviewer", `/reviews/${id}`);
    await ready(page);
    await page.keyboard.press("c");
    await page.keyboard.press("1");
    const tab = await page.context().newPage();
    await tab.goto(page.url());
    await ready(tab);
    await tab.keyboard.press("r");
    await tab.keyboard.press("Control+Enter");
    await ready(tab, other);
    await page.getByText(/You rejected this review/).waitFor();
    await page.getByText("What you had typed").waitFor();
    // What the other tab has open is not offered here.
    await page.keyboard.press("n");
    await page.waitForURL((url) => url.pathname === "/reviews");
    await tab.keyboard.press("r");
    await tab.keyboard.press("Control+Enter");
    await tab.waitForURL((url) => url.pathname === "/reviews");
    for (const each of [id, other]) expect(await review(console, each)).toMatchObject({ answer: { action: "reject" } });
  });

  test("keeps what was typed over a reload, and forgets it with the answer", async () => {
    const console = open();
    const id = await asked(console, LOW);
    const page = await console.signIn("kim", "reviewer", `/reviews/${id}`);
    await ready(page);
    await choice(page, "high").click();
    await page.getByLabel("Why it is corrected").fill("Not sent yet");
    await page.reload();
    await ready(page);
    expect(await page.getByRole("radio", { name: "high" }).isChecked()).toBe(true);
    expect(await page.getByLabel("Why it is corrected").inputValue()).toBe("Not sent yet");
    await page.getByText("recomputed by the server").waitFor();
    await page.keyboard.press("Control+Enter");
    await page.waitForURL((url) => url.pathname === "/reviews");
    expect(await page.evaluate(`sessionStorage.getItem("sluice.review.kim.${id}")`)).toBeNull();
    expect(await review(console, id)).toMatchObject({
      answer: { action: "correct", reason: "Not sent yet", corrected_output: { urgency: "high" } },
    });
    await page.goto(`${console.world.url}/reviews/${id}`);
    await page.getByText("What was changed").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  test("asks for a reason where an approval overrides a rule, and sends nothing without one", async () => {
    const console = open();
    const id = await asked(console, "other/high/0.9");
    const page = await console.signIn("kim", "reviewer", `/reviews/${id}`);
    await ready(page);
    await page.keyboard.press("a");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("alert").filter({ hasText: "say why" }).waitFor();
    expect(await review(console, id)).toMatchObject({ review: { status: "open" } });
    await page.getByLabel("Why the rule may be overridden here").fill("Spoke to them");
    await page.keyboard.press("Control+Enter");
    await page.waitForURL((url) => url.pathname === "/reviews");
    expect(await review(console, id)).toMatchObject({ answer: { action: "approve", reason: "Spoke to them" } });
  });

  test("is sent once however often it is asked for, and is asked for again where what would follow has changed", async () => {
    const console = open();
    const id = await asked(console, LOW);
    const page = await console.signIn("kim", "reviewer", `/reviews/${id}`);
    await ready(page);
    const sent: unknown[] = [];
    await page.route(`**/v1/reviews/${id}/decide`, async (route) => {
      sent.push(route.request().postDataJSON());
      if (sent.length > 1) return route.continue();
      const problem = { status: 409, code: "outcome_changed", detail: "What would follow is not what you saw." };
      return route.fulfill({ status: 409, contentType: "application/problem+json", json: problem });
    });
    await page.keyboard.press("a");
    await page.locator("[data-summary]:focus").waitFor();
    const looked = page.waitForRequest((request) => request.url().endsWith(`/v1/reviews/${id}`));
    await page.evaluate(`for (const _ of [1, 2, 3]) document.querySelector("[data-submit]").click()`);
    await page.getByRole("alert").filter({ hasText: "not what you saw" }).waitFor();
    await looked;
    expect(sent).toHaveLength(1);
    await page.locator("[data-submit]:not([data-loading])").waitFor();
    await page.keyboard.press("Control+Enter");
    await page.waitForURL((url) => url.pathname === "/reviews");
    expect(sent).toHaveLength(2);
    expect(sent[1]).toMatchObject({ action: "approve", outcome_hash: expect.any(String) as string });
  });

  test("takes what is typed beside the reason for no key: nothing is approved or skipped by it", async () => {
    const console = open();
    const id = await asked(console, LOW);
    const page = await console.signIn("kim", "reviewer", `/reviews/${id}`);
    await ready(page);
    await page.keyboard.press("c");
    await page.locator("[data-review-form] input:checked:focus").waitFor();
    await page.keyboard.type("s a n r ");
    expect(new URL(page.url()).pathname).toBe(`/reviews/${id}`);
    await page.keyboard.press("Control+Enter");
    await page.getByRole("alert").filter({ hasText: "Nothing is changed" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("a");
    await page.locator("[data-summary]:focus").waitFor();
    await page.keyboard.type("a space ");
    expect(await review(console, id)).toMatchObject({ review: { status: "open" } });
    await page.keyboard.press("Escape");
    await page.keyboard.press("r");
    await page.keyboard.press("Control+Enter");
    await page.waitForURL((url) => url.pathname === "/reviews");
  });

  test("does not offer to approve where the model gave nothing valid, and starts from what it said", async () => {
    const console = open();
    const id = await asked(console, "refund/high/0.9");
    const page = await console.signIn("kim", "reviewer", `/reviews/${id}`);
    await ready(page);
    expect(await page.getByRole("button", { name: /^Approve/ }).isDisabled()).toBe(true);
    await page.keyboard.press("c");
    await page.getByRole("list", { name: "What does not hold" }).getByText("/category").waitFor();
    await choice(page, "billing").click();
    await page.getByLabel("Why it is corrected").fill("Money");
    await page.getByText("recomputed by the server").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press("Control+Enter");
    await page.waitForURL((url) => url.pathname === "/reviews");
    expect(await review(console, id)).toMatchObject({
      answer: { corrected_output: { category: "billing", urgency: "high", confidence: 0.9 } },
    });
  });

  test("shows viewers the queue, and says why they cannot open an item", async () => {
    const console = open();
    const id = await asked(console, LOW);
    const page = await console.signIn("noa", "viewer", "/reviews");
    await page.getByText("only reviewers open an item").waitFor();
    expect(await page.getByRole("button", { name: /Review the next/ }).count()).toBe(0);
    await page.goto(`${console.world.url}/reviews/${id}`);
    await page.getByText("only reviewers can open a review").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  test("is done on a phone by touch, without anything wider than the screen", async () => {
    const console = open();
    const phone = {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      colorScheme: "dark",
    } as const;
    const page = await console.signIn("kim", "reviewer", "/reviews", phone);
    await page.getByRole("button", { name: /Review the next/ }).tap();
    await ready(page);
    const id = idOf(page);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: /^Correct/ }).tap();
    await choice(page, "billing").tap();
    await page.getByLabel("Why it is corrected").fill("Money");
    await page.getByText("recomputed by the server").waitFor();
    await page.getByRole("button", { name: /Send the correction/ }).tap();
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    expect(await review(console, id)).toMatchObject({ answer: { corrected_output: { category: "billing" } } });
  });
});

/** Runs in the page. */
function hasFocus(element: { ownerDocument: { activeElement: unknown } }): boolean {
  return element.ownerDocument.activeElement === element;
}

const NESTED = {
  type: "object",
  required: ["category", "summary", "customer", "lines", "confidence"],
  properties: {
    category: { enum: ["refund", "question", "bug"] },
    summary: { type: "string", maxLength: 2_000 },
    customer: {
      type: "object",
      required: ["name", "contact"],
      properties: { name: { type: "string" }, contact: { type: ["string", "null"], maxLength: 80 } },
    },
    lines: {
      type: "array",
      maxItems: 5,
      items: {
        type: "object",
        required: ["what", "usd"],
        properties: { what: { type: "string", minLength: 3, maxLength: 60 }, usd: { type: "number", minimum: 0 } },
      },
    },
    confidence: { type: "number", minimum: 0, maximum: 1 },
  },
};

const SAID = {
  category: "question",
  summary: "The customer asks where an invoice is, and mentions in passing that they were charged twice for it.",
  customer: { name: "Ada", contact: null },
  lines: [{ what: "Pro plan", usd: 20 }],
  confidence: 0.3,
};

const FILES = {
  "prompts/classifier/2026-05-29.1.json": JSON.stringify({
    name: "classifier",
    version: "2026-05-29.1",
    owner: "support",
    model: "scripted/classifier",
    description: "Read the ticket.",
    inputs: ["ticket.subject", "ticket.body"],
    output_schema: NESTED,
    rollback_version: "2026-05-20.3",
    eval_suite: "classifier_regression",
  }),
  "workflows/triage.ts": `
import { event, workflow } from "sluice";
export default workflow("triage", {
  on: event("support_ticket.created"),
  decision: { type: "object", required: ["total"], properties: { total: { type: "number" }, category: { type: "string" } } },
  success: "suite:classifier_regression",
  deadline: "24h",
  prompts: { classify: "classifier" },
}, async ({ ticket }, ctx) => {
  await ctx.prompt("classify", { ticket });
  const { category, lines } = await ctx.review("low confidence", { of: "classify" });
  return ctx.decide({ category, total: lines.reduce((sum, { usd }) => sum + usd, 0) });
});
`,
};

describeInBrowser(
  "the correction form of a nested schema",
  (open) => {
    test("changes choices, texts, lists and what may be null; the server's errors stand at their fields", async () => {
      const console = open();
      const id = await asked(console, "nested");
      const page = await console.signIn("kim", "reviewer", `/reviews/${id}`);
      await ready(page);
      await page.keyboard.press("c");
      await page.locator("[data-review-form] input:focus").waitFor();
      await page.keyboard.press("1");
      await page.getByLabel("summary").fill(SAID.summary.replace("twice", "three times"));
      await page.locator("del", { hasText: "twice" }).waitFor();
      await choice(page, "string").click();
      await page.getByRole("textbox", { name: "contact" }).fill("ada@example.com");
      await page.getByRole("button", { name: "Add to lines" }).click();
      const line = page.getByRole("group", { name: /lines 2/ });
      await line.getByLabel("what").fill("Ma");
      await line.getByLabel("usd").fill("-4");
      const mend = page.getByRole("list", { name: "What does not hold" });
      await mend.getByText("/lines/1/usd").waitFor();
      await page.keyboard.press("Control+Enter");
      await page.getByRole("alert").filter({ hasText: "does not hold yet" }).waitFor();
      await mend.getByText("/lines/1/what").click();
      await page.keyboard.type("intenance");
      await line.getByLabel("usd").fill("4,5");
      await page.getByText("recomputed by the server").waitFor();
      await page.getByRole("button", { name: "Move lines 2 up" }).click();
      await page.getByText("recomputed by the server").waitFor();
      await page.getByRole("cell", { name: "24.5" }).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.keyboard.press("Control+Enter");
      await page.getByRole("alert").filter({ hasText: "Say why" }).waitFor();
      await page.getByLabel("Why it is corrected").fill("It is a refund.");
      await page.keyboard.press("Control+Enter");
      await page.waitForURL((url) => url.pathname === "/reviews");
      expect(await review(console, id)).toMatchObject({
        answer: {
          reason: "It is a refund.",
          original_output: SAID,
          corrected_output: {
            ...SAID,
            category: "refund",
            summary: SAID.summary.replace("twice", "three times"),
            customer: { name: "Ada", contact: "ada@example.com" },
            lines: [
              { what: "Maintenance", usd: 4.5 },
              { what: "Pro plan", usd: 20 },
            ],
          },
        },
      });
    });
  },
  { files: FILES, answer: () => SAID },
);
