import { expect, test } from "vitest";
import type { JsonObject } from "../../src/base/json.ts";
import type { ModelRequest } from "../../src/model/port.ts";
import { accessibilityFaults, describeInBrowser } from "./browser.ts";

/** The model does as the ticket says, unless its instructions are to call everything other. */
function answer({ messages }: ModelRequest): JsonObject {
  const text = JSON.stringify(messages);
  const [, category = "other", urgency = "low", confidence = "0.2"] =
    /\b(billing|account|other)\/(low|medium|high)\/(\d\.\d+)/.exec(text) ?? [];
  const named = text.includes("Everything is other.") ? "other" : category;
  return { category: named, urgency, confidence: Number(confidence) };
}

describeInBrowser(
  "a draft of a prompt",
  (open) => {
    test("shows its mistakes at their place, and beside it what it would have decided of the last runs", async () => {
      const { world } = open();
      const { runId } = await world.decided("billing/low/0.9");
      await world.decided("account/low/0.9");
      const waiting = await world.waiting("billing/low/0.3");
      await world.call(`POST ${waiting.path}/decide`, {
        action: "correct",
        corrected_output: { category: "billing", urgency: "low", confidence: 1 },
        correction_reason: "It is about a charge.",
      });
      const page = await open().signIn("eve", "operator", "/prompts/classifier");
      await page.getByRole("heading", { name: "Evidence", exact: true }).waitFor();
      await page.keyboard.press("e");
      await page.getByRole("heading", { name: "Draft of classifier" }).waitFor();
      await page.getByText("0 decisions changed of 3").waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);

      const message = page.getByRole("textbox", { name: "Message 1" });
      await message.fill("Everything is {{ ticket.subjekt }}");
      await page.getByText('Did you mean "ticket.subject"?').waitFor();
      expect(await page.getByRole("button", { name: "Publish…" }).isDisabled()).toBe(true);
      await message.fill("Everything is other.");
      await page.getByText("3 decisions changed of 3").waitFor();
      const rows = page.getByRole("list", { name: "Runs, changed decisions first" });
      const row = rows.getByRole("listitem", { name: `Run ${runId}` });
      expect(await row.innerText()).toContain("category billing → other");
      const figures = page.getByRole("table", { name: "Before and after" });
      expect(await figures.getByRole("row", { name: /^Right/ }).innerText()).toContain("of 1 run");
      expect(await accessibilityFaults(page)).toEqual([]);
      await row.getByRole("link", { name: runId }).click();
      await page.waitForURL((url) => url.pathname === `/runs/${runId}`);
    });

    test("is not JSON any more where somebody types so: the line is named, and nothing of it is saved", async () => {
      const page = await open().signIn("eve", "operator", "/prompts/classifier");
      await page.getByRole("button", { name: "Edit as a draft" }).click();
      const schema = page.getByRole("textbox", { name: "Output schema" });
      await schema.fill('{\n  "type": "object",\n  properties\n}');
      await page.getByRole("button", { name: "Line 3" }).click();
      expect(await page.evaluate("getSelection().toString()")).toContain("properties");
      await page.getByText("not saved: it is not JSON").waitFor();
      await schema.fill('{\n  "type": "object",\n  "properties": {"category": {"type": "strnig"}}\n}');
      await page.getByText("saved", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Line 3" }).first().waitFor();
    });

    test("is not put over what another tab has saved, and survives a line that is down", async () => {
      const page = await open().signIn("eve", "editor", "/prompts/classifier");
      await page.getByRole("button", { name: "Edit as a draft" }).click();
      await page.getByRole("textbox", { name: "Owner" }).waitFor();
      const other = await page.context().newPage();
      await other.goto(page.url());
      await other.getByRole("textbox", { name: "Owner" }).fill("billing-team");
      await other.getByText("saved", { exact: true }).waitFor();

      await page.context().setOffline(true);
      await page.getByRole("textbox", { name: "Owner" }).fill("support-two");
      await page
        .getByText(/^not saved/)
        .first()
        .waitFor();
      await page.context().setOffline(false);
      await page.getByText("eve has changed this draft meanwhile").waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.getByRole("button", { name: "Save mine over it" }).click();
      await page.getByText("saved", { exact: true }).waitFor();
      const drafts = (await open().world.call("GET /v1/prompts/classifier")).body["drafts"] as JsonObject[];
      expect(drafts.some(({ document }) => (document as JsonObject)["owner"] === "support-two")).toBe(true);
    });

    test("is published as a version with a reason, and tried in shadow by one click", async () => {
      const page = await open().signIn("ola", "operator", "/prompts/classifier");
      await page.getByRole("button", { name: "Edit as a draft" }).click();
      await page.getByRole("textbox", { name: "Description" }).fill("Classify the ticket, briefly.");
      await page.getByText("saved", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Publish…" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("textbox", { name: "Version" }).fill("2026-06-01.1");
      await dialog.getByRole("textbox", { name: "Reason" }).fill("shorter");
      expect(await accessibilityFaults(page)).toEqual([]);
      await dialog.getByRole("button", { name: "Publish 2026-06-01.1" }).click();
      await dialog.getByRole("button", { name: "Try it in shadow" }).click();
      await dialog.getByText("shadow candidate").waitFor();
      await dialog.getByRole("link", { name: "triage" }).click();
      await page.getByRole("link", { name: "classifier@2026-06-01.1" }).waitFor();
      await page.getByText("shadow, 100 %").waitFor();
      await open().world.decided("account/low/0.9");
      const asked = page.getByRole("table", { name: "Shadow candidates" }).getByRole("row", { name: /2026-06-01\.1/ });
      await asked.getByText("1 of 1", { exact: true }).waitFor();
    });

    test("has a threshold, and another one is drafted as a release where people have decided", async () => {
      const page = await open().signIn("ola", "operator", "/releases/triage");
      const slider = page.getByRole("slider", { name: "review_below" });
      await slider.waitFor();
      const figures = page.getByRole("table", { name: "What review_below does" });
      expect(await accessibilityFaults(page)).toEqual([]);
      await slider.focus();
      await page.keyboard.press("Home");
      // Nobody would have been asked about the run that a person decided.
      await figures
        .getByRole("row", { name: /^Right/ })
        .getByText("of 1 run", { exact: true })
        .waitFor();
      const chosen = await slider.getAttribute("aria-valuetext");
      await page.getByRole("button", { name: `Draft a release with review_below ${chosen}…` }).click();
      await page.getByRole("dialog").getByText(`thresholds.review_below 0.75 → ${chosen}`).waitFor();
      await page.getByRole("dialog").getByText("raises").first().waitFor();
    });

    test("is approved by somebody else than who published it", async () => {
      const document = {
        ...((await open().world.call("GET /v1/prompts/classifier")).body["versions"] as JsonObject[])[0],
      };
      for (const name of ["hash", "file", "source", "published_at", "published_by", "reason", "approvals", "serves", "candidate_in"]) delete document[name]; // prettier-ignore
      const given = { document: { ...document, version: "2026-06-02.1", risk: "high" }, reason: "riskier" };
      const token = await open().world.tokenOf("pia", "editor");
      expect((await open().world.call("POST /v1/prompts/classifier/versions", given, token)).status).toBe(201);
      const mine = await open().signIn("pia", "editor", "/prompts/classifier?version=2026-06-02.1");
      expect(await mine.getByRole("button", { name: "Approve…" }).isDisabled()).toBe(true);
      const page = await open().signIn("quinn", "editor", "/prompts/classifier?version=2026-06-02.1");
      await page.getByRole("button", { name: "Approve…" }).click();
      await page.getByRole("textbox", { name: "Reason" }).fill("read twice");
      await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
      await page.getByText(/Approved by quinn/).waitFor();
      const row = page.getByRole("table", { name: "Versions" }).getByRole("row", { name: /^2026-06-02\.1/ });
      expect(await row.innerText()).toContain("quinn");
    });
  },
  { answer },
);
