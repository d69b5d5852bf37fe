import { expect, test } from "vitest";
import { describeInBrowser } from "./browser.ts";

describeInBrowser("dead letters at the console", (open) => {
  test("stand in groups that died alike, and a group is redriven: counted first, then with a reason", async () => {
    const console = open();
    const { world } = console;
    await world.sample.breakDesk(true);
    const dead: string[] = [];
    for (const subject of ["billing/high/0.9", "billing/high/0.91"]) dead.push((await world.decided(subject)).runId);
    for (const id of dead) expect((await world.ended(id))["status"]).toBe("dead");
    const page = await console.signIn("ola", "operator", "/dead-letters");
    await page.getByText("2 dead runs in 1 group").waitFor();
    await page.getByRole("link", { name: "an example" }).click();
    await page.getByText("The desk is gone.").first().waitFor();
    await page.goBack();
    await page.getByText("2 dead runs in 1 group").waitFor();
    await world.sample.breakDesk(false);
    await page.keyboard.press("r");
    const dialog = page.getByRole("dialog", { name: "Redrive dead runs" });
    await dialog.getByLabel("Reason").fill("The desk is back");
    await dialog.getByRole("button", { name: "Count without doing it" }).click();
    await dialog.getByText("2 runs would go on").waitFor();
    for (const id of dead) expect((await world.call(`GET /v1/runs/${id}`)).body["status"]).toBe("dead");
    await dialog.getByRole("button", { name: "Redrive 2 runs" }).click();
    await dialog.getByText("2 runs of 2 went on").waitFor();
    await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
    await page.getByText("No dead letters.").waitFor();
    for (const id of dead) expect((await world.ended(id))["status"]).toBe("completed");
  });

  test("are only looked at by a viewer", async () => {
    const console = open();
    await console.world.sample.breakDesk(true);
    const { runId } = await console.world.decided("billing/high/0.92");
    await console.world.ended(runId);
    const page = await console.signIn("vic", "viewer", `/dead-letters/${runId}`);
    await page.getByText("The desk is gone.").first().waitFor();
    expect(await page.getByRole("button", { name: "Redrive…" }).isDisabled()).toBe(true);
  });
});
