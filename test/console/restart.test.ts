import { expect, test } from "vitest";
import { accessibilityFaults, describeInBrowser } from "./browser.ts";

describeInBrowser("restarting a run from a step", (open) => {
  test("shows what it would set aside, does it with a reason, and marks it in the trace", async () => {
    const { runId } = await open().world.waiting("account/low/0.41");
    const page = await open().signIn("olga", "operator", `/runs/${runId}`);
    await page.getByRole("link", { name: "Answer the review" }).waitFor();
    await page.keyboard.press("b");
    const dialog = page.getByRole("dialog", { name: "Restart from a step" });
    const steps = dialog.getByRole("combobox", { name: "From step" });
    expect(await steps.locator("option").allTextContents()).toEqual(["classify", "low confidence"]);
    await dialog.getByText("Set aside: low confidence", { exact: true }).waitFor();
    await steps.selectOption("classify");
    await dialog.getByText("Set aside: classify, low confidence").waitFor();
    await dialog.getByText("1 review will be withdrawn").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialog.getByRole("textbox", { name: "Reason" }).fill("A new prompt");
    await dialog.getByRole("button", { name: "Restart", exact: true }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("link", { name: /restart/ }).waitFor();
    await page.getByText("set aside by").first().waitFor();
    expect(await page.getByText("set aside by").count()).toBeGreaterThan(1);
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  test("is not for viewers, and not for a run that has ended", async () => {
    const { runId } = await open().world.waiting("account/low/0.42");
    const page = await open().signIn("vera", "viewer", `/runs/${runId}`);
    expect(await page.getByRole("button", { name: "Restart from a step…" }).isDisabled()).toBe(true);
    const { runId: over } = await open().world.decided("billing/high/0.97");
    const ended = await open().signIn("olga", "operator", `/runs/${over}`);
    await ended.getByRole("heading", { name: "Decision" }).waitFor();
    expect(await ended.getByRole("button", { name: "Restart from a step…" }).count()).toBe(0);
  });
});
