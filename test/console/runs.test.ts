import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { accessibilityFaults, describeInBrowser } from "./browser.ts";

const SLUICE = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));
/** A busy machine may take its time. */
const PATIENT = { timeout: 20_000 };
const CLIPBOARD = { permissions: ["clipboard-read", "clipboard-write"] };

/** Ids of the runs that are listed, from the top. */
function listed(page: Page): Promise<string[]> {
  return page
    .locator("tbody tr[data-run]")
    .evaluateAll((rows) => rows.map((each) => each.getAttribute("data-run") ?? "").filter((id) => id !== ""));
}

/** Waits until the list shows exactly these, in this order. */
async function shows(page: Page, ids: readonly string[]): Promise<void> {
  await expect.poll(() => listed(page), PATIENT).toEqual(ids);
}

function row(page: Page, id: string): ReturnType<Page["locator"]> {
  return page.locator(`tr[data-run="${id}"]`);
}

function clipboard(page: Page): Promise<string> {
  return page.evaluate("navigator.clipboard.readText()");
}

describeInBrowser("the list of runs", (open) => {
  const made: Record<"done" | "dead" | "waiting" | "later", string> = { done: "", dead: "", waiting: "", later: "" };

  test("says how to send the first event, and shows its run as soon as it is there", async () => {
    const { world } = open();
    const page = await open().signIn("ada", "viewer");
    await page.getByText("There are no runs yet.").waitFor();
    await page.getByText(/sluice trigger -/).waitFor();
    made.done = (await world.decided("billing/high/0.9")).runId;
    await shows(page, [made.done]);
    await expect
      .poll(() => row(page, made.done).innerText(), PATIENT)
      .toMatch(/completed[^]*applied[^]*category billing/);
  });

  test("is filtered by the values there are, each with its count; the address says so, and back leads back", async () => {
    const { world } = open();
    await world.sample.breakDesk(true);
    made.dead = (await world.decided("billing/high/0.95")).runId;
    await world.ended(made.dead);
    await world.sample.breakDesk(false);
    made.waiting = (await world.waiting("account/low/0.3")).runId;
    const page = await open().signIn("ada", "viewer");
    await shows(page, [made.waiting, made.dead, made.done]);
    await page.getByRole("region", { name: "Status" }).getByRole("button", { name: "dead 1" }).click();
    await shows(page, [made.dead]);
    expect(new URL(page.url()).search).toBe("?status=dead");
    expect(await row(page, made.dead).innerText()).toMatch(/dead\s+bug[^]*The desk is gone/);
    // The other values of the same facet can still be told.
    await page.getByRole("region", { name: "Status" }).getByRole("button", { name: "completed 1" }).waitFor();

    const other = await open().signIn("noa", "viewer", new URL(page.url()).pathname + new URL(page.url()).search);
    await shows(other, [made.dead]);
    await page.goBack();
    await shows(page, [made.waiting, made.dead, made.done]);
    await page.goForward();
    await page.getByRole("button", { name: "Remove the filter Status dead" }).click();
    await shows(page, [made.waiting, made.dead, made.done]);
  });

  test("finds words of events, decisions and failures, from the keyboard", async () => {
    const page = await open().signIn("ada", "viewer");
    await shows(page, [made.waiting, made.dead, made.done]);
    await page.keyboard.press("/");
    await page.keyboard.type("desk gone");
    await shows(page, [made.dead]);
    await expect.poll(() => new URL(page.url()).searchParams.get("q"), PATIENT).toBe("desk gone");
    await page.keyboard.press("Escape");
    await shows(page, [made.waiting, made.dead, made.done]);
  });

  test("where nothing matches, says which filter to leave out, with what there would be", async () => {
    const page = await open().signIn("ada", "viewer", "/runs?status=dead&disposition=applied");
    await page.getByText("No run matches all of these filters.").waitFor();
    const way = page.getByRole("listitem").filter({ hasText: "Without disposition applied" });
    await way.getByText("1 run", { exact: true }).waitFor();
    await way.getByRole("button").click();
    await shows(page, [made.dead]);
    expect(new URL(page.url()).search).toBe("?status=dead");
  });

  test("is walked and selected by keyboard, and a link opens in a tab of its own", async () => {
    const page = await open().signIn("ada", "viewer");
    await shows(page, [made.waiting, made.dead, made.done]);
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.keyboard.press("j");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Shift+X");
    await page.getByText("3 selected").waitFor();
    await page.keyboard.press("x");
    await page.getByText("2 selected").waitFor();
    expect(new URL(page.url()).searchParams.get("selected")).toBe(`${made.waiting}.${made.dead}`);
    expect(await row(page, made.done).getByRole("checkbox").isChecked()).toBe(false);
    await page.keyboard.press("k");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === `/runs/${made.dead}`);
    await page.goBack();
    await page.getByText("2 selected").waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("2 selected").waitFor({ state: "detached" });
    const [tab] = await Promise.all([
      page.context().waitForEvent("page"),
      row(page, made.done).getByRole("link").click({ button: "middle" }),
    ]);
    await tab.waitForURL((url) => url.pathname === `/runs/${made.done}`);
    expect(new URL(page.url()).pathname).toBe("/runs");
  });

  test("takes in what happens without a reload, but moves no row while one is choosing", async () => {
    const { world } = open();
    const page = await open().signIn("ada", "viewer");
    await shows(page, [made.waiting, made.dead, made.done]);
    await page.getByText("Live", { exact: true }).waitFor();
    await row(page, made.done).getByRole("checkbox").check();
    await page.getByText("1 selected").waitFor();
    made.later = (await world.waiting("account/low/0.2")).runId;
    await page.getByRole("button", { name: "1 new run" }).waitFor();
    expect(await listed(page)).toEqual([made.waiting, made.dead, made.done]);
    // A row that changes does so in its place.
    await world.call(`POST /v1/runs/${made.waiting}/cancel`, { reason: "asked twice" });
    await row(page, made.waiting).getByText("cancelled").waitFor();
    await page.getByRole("button", { name: "1 new run" }).click();
    await shows(page, [made.later, made.waiting, made.dead, made.done]);
    expect(await row(page, made.done).getByRole("checkbox").isChecked()).toBe(true);
  });

  test("hands a cohort on as an address and as a command that finds the same runs", async () => {
    const { world } = open();
    const page = await open().signIn("ada", "viewer", "/runs?status=dead&since=24h", CLIPBOARD);
    await shows(page, [made.dead]);
    await page.keyboard.press("a");
    await page.getByText("All 1 that match").waitFor();
    await page.getByText("Cancelling and redriving take the role operator; you are viewer.").waitFor();
    expect(await page.getByRole("button", { name: /^Redrive/ }).count()).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Copy…" }).click();
    await page.getByRole("menuitem", { name: "Copy command" }).click();
    await page.getByText("Command copied").waitFor();
    const command = await clipboard(page);
    expect(command).toMatch(/^sluice runs list --status dead --since \S+ --until \S+ --json$/);
    const options = [...command.split(" ").slice(1), "--url", world.url, "--token", world.admin];
    const { stdout } = await promisify(execFile)(process.execPath, [SLUICE, ...options]);
    const { items } = JSON.parse(stdout) as { items: { run_id: string }[] };
    expect(items.map(({ run_id: id }) => id)).toEqual([made.dead]);

    await page.getByRole("button", { name: "Copy…" }).click();
    await page.getByRole("menuitem", { name: "Copy address" }).click();
    await page.getByText("Address copied").waitFor();
    const address = new URL(await clipboard(page));
    const other = await open().signIn("noa", "viewer", address.pathname + address.search);
    await shows(other, [made.dead]);
    await other.getByText("All 1 that match").waitFor();
  });

  test("cancels and redrives many at once, for operators, with a reason and a count before", async () => {
    const { world } = open();
    const page = await open().signIn("ola", "operator");
    await shows(page, [made.later, made.waiting, made.dead, made.done]);
    await page.keyboard.press("a");
    await page.getByRole("button", { name: "Cancel 1…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("1 run will be cancelled.").waitFor();
    expect(await dialog.getByRole("button", { name: "Cancel 1 run" }).isDisabled()).toBe(true);
    await dialog.getByLabel("Reason, for the record").fill("sent by mistake");
    await dialog.getByRole("button", { name: "Cancel 1 run" }).click();
    await dialog.getByText("1 run cancelled.").waitFor();
    expect(await world.ended(made.later)).toMatchObject({ status: "cancelled" });
    await dialog.getByRole("button", { name: "Close" }).last().click();

    await page.getByRole("button", { name: "Redrive 1…" }).click();
    await dialog.getByText("1 run will be redriven.").waitFor();
    await dialog.getByLabel("Reason, for the record").fill("the desk is back");
    await dialog.getByRole("button", { name: "Redrive 1 run" }).click();
    await dialog.getByText("1 run redriven.").waitFor();
    await row(page, made.dead).getByText("completed").waitFor();
  });
});
