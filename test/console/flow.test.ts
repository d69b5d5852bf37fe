import { expect, test } from "vitest";
import { ticket } from "../../src/testing/sample-project.ts";
import { accessibilityFaults, describeInBrowser } from "./browser.ts";

/** A busy machine may take its time. */
const PATIENT = { timeout: 30_000 };

describeInBrowser("a workflow on hold", (open) => {
  test("is paused with a reason, says who and why, and is resumed at a rate", async () => {
    const { world } = open();
    const [workflow] = (await world.call("GET /v1/workflows")).body["items"] as { name: string }[];
    const name = workflow?.name as string;
    const page = await open().signIn("ola", "operator", `/workflows/${name}`);
    await page.getByRole("button", { name: "Pause…" }).click();
    const dialog = page.getByRole("dialog", { name: `Put ${name} on hold` });
    expect(await dialog.getByRole("button", { name: "Put on hold" }).isDisabled()).toBe(true);
    await dialog.getByLabel("Reason").fill("the model answers nonsense");
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Put on hold" }).click();
    const banner = page.getByRole("region", { name: `${name} is on hold` });
    await expect.poll(() => banner.innerText(), PATIENT).toMatch(/on hold since .* by ola: the model answers nonsense/);
    expect(await page.getByRole("button", { name: "Pause…" }).count()).toBe(0);

    for (let i = 0; i < 3; i++) await world.call("POST /v1/events", ticket(`evt_held_${i}`, "billing/high/0.9"));
    await expect.poll(() => banner.innerText(), PATIENT).toContain("3 runs in the queue");
    expect(await accessibilityFaults(page)).toEqual([]);
    const looker = await open().signIn("vic", "viewer", "/workflows");
    await looker.getByRole("region", { name: `${name} is on hold` }).waitFor();
    expect(await looker.getByRole("button", { name: /Resume|Pause/ }).count()).toBe(0);

    await banner.getByRole("button", { name: "Resume…" }).click();
    const resume = page.getByRole("dialog", { name: `Let ${name} go on` });
    await resume.getByLabel("Reason").fill("the model is back");
    await resume.getByLabel("Runs a minute").fill("30");
    await resume.getByRole("button", { name: "Resume at 30 a minute" }).click();
    await expect.poll(() => banner.innerText(), PATIENT).toMatch(/being released[^]*\d of 3 runs started, at 30\/min/);
    await banner.getByRole("button", { name: "Change the rate…" }).click();
    await resume.getByLabel("Reason").fill("all is well");
    await resume.getByRole("button", { name: "Resume all at once" }).click();
    await expect.poll(() => banner.count(), PATIENT).toBe(0);
    await page.getByRole("button", { name: "Pause…" }).waitFor();
    const { items } = (await world.call(`GET /v1/workflows/${name}/holds`)).body as { items: { history: unknown[] }[] };
    expect(items[0]?.history).toMatchObject([
      { act: "pause", by: "ola", reason: "the model answers nonsense" },
      { act: "resume", by: "ola", reason: "the model is back", rate: "30/min" },
      { act: "resume", by: "ola", reason: "all is well", rate: null },
    ]);
  });
});

describeInBrowser("a redrive with care", (open) => {
  test("tries a few first, shows how it goes, and is stopped by a person", async () => {
    const { world } = open();
    await world.sample.breakDesk(true);
    const dead: string[] = [];
    for (let i = 0; i < 12; i++) dead.push((await world.decided(`billing/high/0.${80 + i}`)).runId);
    for (const id of dead) expect((await world.ended(id))["status"]).toBe("dead");
    await world.sample.breakDesk(false);
    const page = await open().signIn("ola", "operator", "/dead-letters");
    await page.getByText("12 dead runs in 1 group").waitFor();
    await page.keyboard.press("r");
    const dialog = page.getByRole("dialog", { name: "Redrive dead runs" });
    await dialog.getByLabel("Reason").fill("The desk is back");
    // So many are proposed to be redriven with care.
    expect(await dialog.getByLabel("First", { exact: true }).inputValue()).toBe("5");
    await dialog.getByLabel("First", { exact: true }).fill("2");
    await dialog.getByLabel("Runs a minute").fill("60");
    expect(await accessibilityFaults(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Count without doing it" }).click();
    await dialog.getByText("12 runs would go on").waitFor();
    await dialog.getByRole("button", { name: "Begin with 2" }).click();
    const job = dialog.getByRole("article", { name: "Redrive of 12 runs" });
    await expect.poll(() => job.innerText(), PATIENT).toMatch(/2 first, then 60\/min[^]*[3-9] of 12 redriven/);
    await dialog.getByRole("button", { name: "Close", exact: true }).last().click();

    const shown = page.getByRole("region", { name: "Redrives" }).getByRole("article");
    await shown.waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await shown.getByRole("button", { name: "Stop it" }).click();
    await expect.poll(() => shown.innerText(), PATIENT).toContain("cancelled");
    const { items } = (await world.call("GET /v1/redrives")).body as {
      items: { counts: { redriven: number } }[];
    };
    expect(items).toMatchObject([{ state: "cancelled", by: "ola", ended_by: "ola", canary: 2, rate: "60/min" }]);
    expect(items[0]?.counts.redriven).toBeLessThan(12);
  });
});
