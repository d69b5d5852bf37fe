import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import type { JsonObject } from "../../src/base/json.ts";
import { accessibilityFaults, describeInBrowser } from "./browser.ts";

/** The step that is open beside the waterfall. */
function panel(page: Page): ReturnType<Page["locator"]> {
  return page.locator("section").filter({ has: page.getByRole("button", { name: "Close the step" }) });
}

async function line(page: Page, step: number): Promise<void> {
  await page.locator(`[data-step="${step}"]`).waitFor();
}

describeInBrowser("the page of one run", (open) => {
  const world = (): ReturnType<typeof open>["world"] => open().world;

  test("answers the seven questions, and each answer leads to what shows it", async () => {
    const { runId } = await world().decided("billing/high/0.95");
    const page = await open().signIn("vera", "viewer", `/runs/${runId}`);
    const questions = page.locator("section").filter({ has: page.getByRole("heading", { name: "Seven questions" }) });
    await questions.getByRole("heading", { level: 3 }).first().waitFor();
    expect(await questions.getByRole("heading", { level: 3 }).allTextContents()).toEqual([
      "Which prompt version made it?",
      "What did the model see?",
      "Which tools were called?",
      "Did validation pass?",
      "Which evals protect it?not answered",
      "How is it rolled back?",
      "How do corrections feed back?not answered",
    ]);
    await questions.getByText(`sluice prompt show classifier@2026-05-29.1`).waitFor();
    const back = questions.getByRole("link", { name: "Compare 2026-05-29.1 with 2026-05-20.3" });
    expect(await back.getAttribute("href")).toBe("/prompts/classifier?version=2026-05-29.1&against=2026-05-20.3");
    await questions.getByRole("link", { name: "Step 4: escalate, write" }).click();
    await panel(page).getByText("A write: it was claimed on disk").waitFor();
    expect(await panel(page).textContent()).toContain(`${runId}/escalate`);
    expect(new URL(page.url()).search).toBe("?step=4");
    expect(await page.getByRole("button", { name: "Show originals…" }).isDisabled()).toBe(true);
  });

  test("is gone through by keyboard, with the open step in the address", async () => {
    const { runId } = await world().decided("billing/high/0.96");
    const page = await open().signIn("vera", "viewer", `/runs/${runId}`);
    await line(page, 5);
    for (const key of ["j", "j", "Enter"]) await page.keyboard.press(key);
    await page.waitForURL((url) => url.search === "?step=2");
    await panel(page).getByRole("heading", { name: "Messages" }).waitFor();
    await page.keyboard.press("j");
    await page.waitForURL((url) => url.search === "?step=3");
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "Seven questions" }).waitFor();
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowRight");
    await page.waitForURL((url) => url.search === "?step=5");
    await page.reload();
    await panel(page).getByText("decision", { exact: true }).first().waitFor();
    expect(await page.locator('[data-step][aria-current="page"]').getAttribute("data-step")).toBe("5");
  });

  test("shows what was wrong with an answer at its place, the repair, and both answers side by side", async () => {
    const { runId } = await world().decided("refund/high/0.93, then billing/high/0.93");
    const page = await open().signIn("vera", "viewer", `/runs/${runId}?step=3`);
    await panel(page).getByText("invalid, 1 error").waitFor();
    expect(await panel(page).getByRole("listitem").first().textContent()).toMatch(/^\/category must be one of/);
    const marked = panel(page).locator('[class*="bad"]').filter({ hasText: "category" });
    expect(await marked.allTextContents()).toEqual([expect.stringMatching(/^categoryrefundmust be one of/)]);

    await page.keyboard.press("j");
    await panel(page).getByRole("heading", { name: "What was asked" }).waitFor();
    await panel(page).locator("article").nth(2).waitFor();
    await page.keyboard.press("d");
    const compared = page.getByRole("dialog", { name: "Compare attempts of “classify”" });
    await compared.locator(".cm-merge-b .cm-changedText").first().waitFor();
    expect(await compared.locator(".cm-merge-a").textContent()).toContain("refund");
    expect(await compared.locator(".cm-merge-b").textContent()).toContain("billing");
    expect(new URL(page.url()).search).toBe("?step=4&against=2");
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  test("shows originals to an operator who says why, on record, until the page is left", async () => {
    const { runId } = await world().decided("other/low/0.97");
    const page = await open().signIn("olga", "operator", `/runs/${runId}?step=1`);
    await line(page, 1);
    expect(await page.getByText("two charges").count()).toBe(0);
    await page.keyboard.press("v");
    const dialog = page.getByRole("dialog", { name: "Show the originals" });
    await dialog.getByText("Nobody has been shown").waitFor();
    expect(await dialog.getByRole("button", { name: "Put on record and show" }).isDisabled()).toBe(true);
    await dialog.getByRole("textbox", { name: "Reason" }).fill("The customer complained");
    await dialog.getByRole("button", { name: "Put on record and show" }).click();
    await page.getByText("Originals are shown.").waitFor();
    await panel(page).getByText("I see two charges on my card.").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    const { items } = (await world().call(`GET /v1/runs/${runId}/views`)).body as { items: JsonObject[] };
    expect(items).toMatchObject([{ by: "olga", reason: "The customer complained" }]);

    await page.getByRole("link", { name: "Reviews" }).click();
    await page.getByRole("heading", { name: "Reviews", level: 1 }).waitFor();
    await page.goBack();
    await line(page, 1);
    expect(await page.getByText("two charges").count()).toBe(0);
    await page.keyboard.press("v");
    await dialog.getByText("The customer complained").waitFor();
  });

  test("cancels a run that has not ended, with the reason on record", async () => {
    const { runId } = await world().waiting("account/low/0.31");
    const page = await open().signIn("olga", "operator", `/runs/${runId}`);
    await page.getByRole("link", { name: "Answer the review" }).waitFor();
    await page.keyboard.press("x");
    const dialog = page.getByRole("dialog", { name: "Cancel this run" });
    await dialog.getByRole("textbox", { name: "Reason" }).fill("Sent by mistake");
    await dialog.getByRole("button", { name: "Cancel the run" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("heading", { level: 1 }).getByText("cancelled").waitFor();
    await page.getByRole("link", { name: /cancellation/ }).click();
    await panel(page).getByText("Sent by mistake").waitFor();
    expect(await page.getByRole("button", { name: "Cancel…" }).count()).toBe(0);
  });

  test("grows while one looks, and keeps the open step open", async () => {
    const { runId, path } = await world().waiting("billing/high/0.32");
    const page = await open().signIn("vera", "viewer", `/runs/${runId}?step=2`);
    await panel(page).getByRole("heading", { name: "Messages" }).waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    const { status } = await world().call(`POST ${path}/decide`, { action: "approve" });
    expect(status).toBe(200);
    await page.getByRole("heading", { level: 1 }).getByText("completed").waitFor();
    await page.getByRole("link", { name: /^\d+ ?decision/ }).waitFor();
    expect(new URL(page.url()).search).toBe("?step=2");
    await panel(page).getByRole("heading", { name: "Messages" }).waitFor();
  });

  test("goes on from the step that failed once a dead run is redriven", async () => {
    await world().sample.breakDesk(true);
    const { runId } = await world().decided("billing/high/0.98");
    const page = await open().signIn("olga", "operator", `/runs/${runId}`);
    await page.getByRole("heading", { name: /^Dead: bug/ }).waitFor();
    const advice = page.getByText("Mend the code and deploy it, then redrive");
    await advice.waitFor();
    expect(await advice.count()).toBe(1);
    await world().sample.breakDesk(false);
    await page.keyboard.press("r");
    const dialog = page.getByRole("dialog", { name: "Redrive dead runs" });
    await dialog.getByRole("textbox", { name: "Reason" }).fill("The desk is back");
    await dialog.getByRole("button", { name: "Count without doing it" }).click();
    await dialog.getByRole("button", { name: "Redrive 1 run" }).click();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await page.getByRole("heading", { level: 1 }).getByText("completed").waitFor();
    await page.getByRole("link", { name: /redrive/ }).waitFor();
  });

  test("holds a thousand steps, of which only those in view are there", async () => {
    const { runId } = await world().decided("other/low/0.98");
    const page = await open().signIn("vera", "viewer");
    const [step] = (await world().call(`GET /v1/runs/${runId}/trace`)).body as unknown as JsonObject[];
    const trace = Array.from({ length: 1_000 }, (_, i) => ({
      ...step,
      step: i + 1,
      type: "code",
      key: String(i),
      name: "page",
    }));
    await page.route("**/trace", (route) => route.fulfill({ json: trace }));
    await page.goto(`${world().url}/runs/${runId}?step=700`);
    await line(page, 700);
    expect(await page.locator("[data-step]").count()).toBeLessThan(80);
    await page.locator('[data-step="700"]').focus();
    await page.keyboard.press("End");
    await page.waitForURL((url) => url.search === "?step=1000");
    await page.locator('[data-step="1000"]:focus').waitFor();
    expect(await page.locator("[data-step]").count()).toBeLessThan(80);
  });

  test("offers a search where there is no such run", async () => {
    const page = await open().signIn("vera", "viewer", "/runs/run_mistyped");
    await page.getByRole("heading", { name: "No such run" }).waitFor();
    await page.getByRole("textbox", { name: "Search for it" }).fill("run_");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === "/runs" && url.search === "?q=run_");
    const found = page.getByRole("heading", { name: "Runs", level: 1 });
    await found.waitFor();
    expect(await found.count()).toBe(1);
    await found.waitFor();
    expect(await found.count()).toBe(1);
  });
});
