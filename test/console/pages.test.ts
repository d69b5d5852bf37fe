import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { accessibilityFaults, describeInBrowser } from "./browser.ts";
import type { Console } from "./browser.ts";
import { ticket } from "../../src/testing/sample-project.ts";

/** Text that would act if anything let it: markup, script, a terminal's codes, direction overrides, no end, no space. */
const HOSTILE = [
  `<img src=x onerror="window.__acted = true"><script>window.__acted = true</script>`,
  "\u001b[31mred\u001b[0m \u202Egnp.exe\u202C \u2066isolated\u2069 nul\u0000",
  "{{ constructor.constructor('window.__acted = true')() }} ${window.__acted = true}",
  "javascript:window.__acted=true",
  "A".repeat(60_000),
].join("\n");

/** Every kind of run there is to look at; the ids by what became of them. */
async function makeRuns(console: Console): Promise<{ done: string; dead: string; review: string; reviewed: string }> {
  const { world } = console;
  const hostile = { ticket: { id: "tkt_hostile", subject: `other/low/0.2 ${HOSTILE.slice(0, 400)}`, body: HOSTILE } };
  const { runId: done } = await world.decided("billing/high/0.9");
  const waiting = await world.waiting("account/low/0.3");
  await console.run(ticket("evt_hostile", "", hostile));
  const { items } = (await world.call("GET /v1/reviews?limit=50")).body as {
    items: { review_id: string; run_id: string }[];
  };
  const review = items.find(({ run_id: id }) => id !== waiting.runId)?.review_id ?? "";
  await world.call(`POST ${waiting.path}/decide`, {
    action: "correct",
    corrected_output: { category: "billing", urgency: "low", confidence: 1 },
    correction_reason: "It is about a charge.",
  });
  await world.sample.breakDesk(true);
  const { runId: dead } = await world.decided("billing/high/0.95");
  await world.ended(dead);
  await world.sample.breakDesk(false);
  return { done, dead, review, reviewed: waiting.reviewId };
}

/** Shown and at rest: nothing is loading any more. */
async function settled(page: Page): Promise<void> {
  const heading = page.getByRole("heading", { level: 1 }).first();
  await heading.or(page.getByText("There is nothing at this address.")).waitFor();
  await page.getByLabel("Loading").first().waitFor({ state: "detached" });
}

describeInBrowser("every page of the console", (open) => {
  test.each(["light", "dark"] as const)(
    "is accessible in %s, and lets no text from outside act",
    async (colorScheme) => {
      const { done, dead, review, reviewed } = await makeRuns(open());
      const page = await open().signIn("ada", "admin", "/runs", { colorScheme });
      const faults: string[] = [];
      for (const path of [
        "/runs",
        "/runs?q=nothing-has-this",
        `/runs/${done}`,
        `/runs/${dead}`,
        "/runs/run_unknown",
        "/reviews",
        `/reviews/${review}`,
        `/reviews/${reviewed}`,
        "/dead-letters",
        `/dead-letters/${dead}`,
        "/workflows",
        "/workflows/triage",
        "/prompts",
        "/prompts/classifier",
        "/contracts",
        "/contracts/support_ticket.created",
        "/tools",
        "/tools/escalate",
        "/releases",
        "/releases/triage",
        "/access",
        "/nowhere",
      ]) {
        await page.goto(open().world.url + path);
        await settled(page);
        faults.push(...(await accessibilityFaults(page)).map((fault) => `${path} ${fault}`));
        expect(await page.evaluate("window.__acted")).toBe(undefined);
        expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true);
      }
      expect(faults).toEqual([]);
    },
    180_000,
  );
});
