import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { accessibilityFaults, describeInBrowser } from "./browser.ts";

const CLASSIFY_TO_ESCALATE = /^Runs from classify to escalate,/;

function picture(page: Page): ReturnType<Page["locator"]> {
  return page.getByRole("region", { name: "Picture" });
}

function panel(page: Page): ReturnType<Page["locator"]> {
  return page.locator("aside[aria-label]").filter({ has: page.getByRole("button", { name: "Close" }) });
}

/** The runs a list shows, by their ids. */
async function listed(page: Page): Promise<Set<string>> {
  const links = page.locator('a[href*="/runs/run_"]');
  await links.first().waitFor();
  const hrefs = await links.evaluateAll((all) => all.map((each) => each.getAttribute("href") ?? ""));
  return new Set(hrefs.map((href) => href.replace(/^.*\/runs\/(run_\w+).*$/, "$1")));
}

async function places(page: Page): Promise<(string | null)[]> {
  return page
    .locator(".react-flow__node, .react-flow__viewport")
    .evaluateAll((all) => all.map((each) => each.getAttribute("style")));
}

describeInBrowser("the picture of a workflow", (open) => {
  const world = (): ReturnType<typeof open>["world"] => open().world;

  test("is drawn from the source before any run, with what fails and how to see it as a table", async () => {
    const page = await open().signIn("vera", "viewer", "/workflows/triage");
    await page.getByText("No run came in in the last 24h", { exact: false }).waitFor();
    await picture(page)
      .getByRole("button", { name: /^Prompt classify 2026-05-29.1 \+ 1 older/ })
      .waitFor();
    await picture(page)
      .getByRole("button", { name: /^Tool escalate write · low risk/ })
      .waitFor();
    await picture(page)
      .getByRole("button", { name: /^Review low confidence team support/ })
      .waitFor();
    await picture(page).getByText("result.confidence < review_below").first().waitFor();
    await picture(page).getByText("does not hold").first().waitFor();
    expect(
      await picture(page)
        .getByRole("link", { name: /^Runs that ended dead\s+from classify:/ })
        .count(),
    ).toBe(1);
    // Without what nobody took, the review that the runtime would ask for is not there.
    const asked = picture(page).getByRole("button", { name: /^Review review of classify/ });
    await asked.waitFor();
    await page.keyboard.press("f");
    await asked.waitFor({ state: "detached" });
    await page.keyboard.press("f");
    await page.keyboard.press("t");
    await page.waitForURL((url) => url.search === "?view=table");
    await page
      .getByRole("table", { name: "Nodes" })
      .getByRole("row", { name: /classify/ })
      .first()
      .waitFor();
    await page.getByRole("table", { name: "Ways" }).getByText("does not hold").first().waitFor();
    await page.getByRole("heading", { name: "As deployed" }).waitFor();
    await page.getByText("suite:classifier_regression").waitFor();
  });

  test("counts runs on each way while one looks, and moves nothing", async () => {
    const page = await open().signIn("vera", "viewer", "/workflows/triage");
    await picture(page)
      .getByRole("button", { name: /^Prompt classify 2026-05-29.1 \+ 1 older/ })
      .waitFor();
    const before = await places(page);
    expect(before.length).toBeGreaterThan(6);
    await world().decided("billing/high/0.95");
    await picture(page)
      .getByRole("link", { name: /classify to escalate, .*, 1 · p95/ })
      .waitFor();
    expect(await places(page)).toEqual(before);
  });

  test("leads from a way to exactly its runs, by its figures and by the line", async () => {
    const [first] = (await world().call("GET /v1/runs")).body["items"] as { run_id: string }[];
    const { runId } = await world().decided("billing/high/0.96");
    await world().decided("account/low/0.9");
    await world().waiting("account/low/0.4");
    const page = await open().signIn("vera", "viewer", "/workflows/triage?since=7d");
    const way = picture(page).getByRole("link", { name: CLASSIFY_TO_ESCALATE });
    await way.filter({ hasText: "2 · p95" }).waitFor();
    expect(await way.getAttribute("title")).toBe("p95 of 2 runs");
    await picture(page)
      .getByRole("button", { name: /^Review low confidence .*1 run · 1 waiting$/ })
      .waitFor();
    await way.click();
    await page.waitForURL((url) => url.pathname === "/runs");
    const { searchParams } = new URL(page.url());
    expect(Object.fromEntries(searchParams)).toEqual({
      workflow: "triage",
      since: "7d",
      edge_from: "step:classify",
      edge_to: "step:escalate",
    });
    expect(await listed(page)).toEqual(new Set([first?.run_id, runId]));

    await page.goBack();
    await way.waitFor();
    await page.locator('.react-flow__edge[data-id="step:classify -> step:low confidence"]').dispatchEvent("click");
    await page.waitForURL((url) => url.searchParams.get("edge_to") === "step:low confidence");
    expect((await listed(page)).size).toBe(1);
  });

  test("is gone through by keyboard: nodes, their panel, and their runs", async () => {
    const page = await open().signIn("vera", "viewer", "/workflows/triage");
    await picture(page)
      .getByRole("button", { name: /^Prompt classify .* runs/ })
      .waitFor();
    for (const key of ["j", "j", "Enter"]) await page.keyboard.press(key);
    await page.waitForURL((url) => url.searchParams.get("node") === "step:classify");
    await panel(page).getByRole("link", { name: "classifier", exact: true }).waitFor();
    await panel(page).getByText("workflows/triage.ts:").waitFor();
    await panel(page).getByText("of 4 runs").first().waitFor();
    await page.keyboard.press("Escape");
    await panel(page).waitFor({ state: "detached" });
    expect(await page.locator(":focus").getAttribute("data-node")).toBe("step:classify");
    await page.keyboard.press("ArrowUp");
    expect(await page.locator(":focus").getAttribute("data-node")).toBe("trigger");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("r");
    await page.waitForURL((url) => url.pathname === "/runs" && url.searchParams.get("edge_to") === "step:classify");
    expect((await listed(page)).size).toBe(4);
  });

  test("keeps the window that was chosen in the address, and says when nothing came in within it", async () => {
    const page = await open().signIn(
      "vera",
      "viewer",
      "/workflows/triage?until=2020-01-02T00:00:00Z&since=2020-01-01T00:00:00Z",
    );
    await page.getByText("No run came in in this window", { exact: false }).waitFor();
    await page.getByRole("button", { name: "30d", exact: true }).click();
    await page.waitForURL((url) => url.search === "?since=30d");
    await page.getByRole("link", { name: "4 runs" }).first().waitFor();
    expect(await page.getByRole("button", { name: "30d", exact: true }).getAttribute("aria-pressed")).toBe("true");
  });

  test.each(["light", "dark"] as const)(
    "has nothing serious for axe to find in %s, nor has the list",
    async (colorScheme) => {
      const page = await open().signIn("vera", "viewer", "/workflows", { colorScheme });
      await page.getByRole("link", { name: "4 runs in the last 24 hours" }).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      for (const search of ["", "?node=step:classify", "?view=table"]) {
        await page.goto(`${world().url}/workflows/triage${search}`);
        await page
          .locator(search === "?view=table" ? "[data-row]" : "[data-node]")
          .first()
          .waitFor();
        await page.getByRole("link", { name: "4 runs" }).first().waitFor();
        expect(await accessibilityFaults(page)).toEqual([]);
      }
      await page.context().close();
    },
  );
});
