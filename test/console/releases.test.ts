import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import type { JsonObject } from "../../src/base/json.ts";
import { accessibilityFaults, describeInBrowser } from "./browser.ts";
import type { Console } from "./browser.ts";

async function present(console: Console): Promise<JsonObject> {
  return (await console.world.call("GET /v1/releases/triage")).body;
}

/** Puts a release in force past the gate, as one person. */
async function force(console: Console, change: JsonObject): Promise<void> {
  const body = { change, reason: "as the test needs it", override: true, solo: true };
  const { status } = await console.world.call("POST /v1/releases/triage/promote", body);
  expect(status).toBe(200);
}

/** The dialog that is open; its fields are settled. */
function dialog(page: Page): ReturnType<Page["getByRole"]> {
  return page.getByRole("dialog");
}

describeInBrowser(
  "the page of a release",
  (open) => {
    test("shows the rung, what each worker serves, and refuses a raise without evidence, saying what is missing", async () => {
      const page = await open().signIn("ola", "operator", "/releases");
      await page.getByRole("link", { name: "triage", exact: true }).click();
      await page
        .getByRole("listitem")
        .filter({ has: page.getByText("present", { exact: true }) })
        .first()
        .waitFor();
      expect(await page.locator('[aria-current="step"]').innerText()).toContain("shadow");
      await page.getByText("release 1 is in force on every worker").waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);

      await page.keyboard.press("c");
      await dialog(page).getByRole("combobox", { name: "Stage" }).selectOption("partial");
      await dialog(page).getByText("stage shadow → partial").waitFor();
      await dialog(page).getByText("prompt evidence classify").waitFor();
      await dialog(page).getByRole("textbox", { name: "Reason" }).fill("it looks good");
      expect(await dialog(page).getByRole("button", { name: "Promote" }).isDisabled()).toBe(true);
      expect(await accessibilityFaults(page)).toEqual([]);
      // What is drafted is in the address: it survives a reload.
      await page.reload();
      await dialog(page).getByText("stage shadow → partial").waitFor();
      expect((await present(open()))["number"]).toBe(1);
    });

    test("lets a person go past the gate alone, which is said on the release, and roll back with a reason", async () => {
      const page = await open().signIn("ola", "operator", "/releases/triage");
      await page.getByRole("button", { name: "Change…" }).click();
      await dialog(page).getByRole("combobox", { name: "Stage" }).selectOption("partial");
      await dialog(page).getByRole("textbox", { name: "Reason" }).fill("a drill");
      await dialog(page)
        .getByRole("radio", { name: /Override it alone/ })
        .check();
      await dialog(page).getByRole("button", { name: "Put in force past the gate, alone" }).click();
      await page.getByText("Release 2 is in force", { exact: true }).waitFor();
      const entry = page.getByRole("listitem", { name: "Release 2" });
      await entry.getByText(/Past the gate, without a second person: a drill/).waitFor();
      await page.getByText("release 2 is in force on every worker").waitFor();
      expect(await present(open())).toMatchObject({ number: 2, stage: "partial", override: { solo: true } });

      await page.getByRole("button", { name: "Demote…" }).click();
      await dialog(page).getByRole("combobox", { name: "To stage" }).selectOption("shadow");
      await dialog(page).getByText("stage partial → shadow").waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await dialog(page).getByRole("textbox", { name: "Reason" }).fill("the drill is over");
      await dialog(page).getByRole("button", { name: "Demote to shadow" }).click();
      await page.getByRole("listitem", { name: "Release 3" }).getByText("the drill is over").waitFor();
      expect(await present(open())).toMatchObject({ number: 3, stage: "shadow", created_by: "ola" });
    });

    test("switches off, and takes a tool away, each with one button", async () => {
      await force(open(), { stage: "partial" });
      const page = await open().signIn("ola", "operator", "/releases/triage");
      await page.getByRole("button", { name: "Revoke escalate" }).click();
      await dialog(page).getByRole("textbox", { name: "Reason" }).fill("it files twice");
      await dialog(page).getByRole("button", { name: "Revoke escalate" }).click();
      await page.getByRole("row", { name: /escalate.*revoked/ }).waitFor();
      await dialog(page).waitFor({ state: "detached" });
      await page.keyboard.press("o");
      await dialog(page).getByRole("combobox", { name: "Events that come meanwhile" }).selectOption("review");
      await dialog(page).getByRole("textbox", { name: "Reason" }).fill("it is down");
      await dialog(page).getByRole("button", { name: "Switch off" }).click();
      await page.getByRole("button", { name: "Switch on…" }).waitFor();
      const { number, ...off } = await present(open());
      expect(off).toMatchObject({ stage: "off", when_off: "review", revoked: ["escalate"] });
      await page.getByText(`release ${String(number)} is in force on every worker`).waitFor();
    });

    test("tells who drafts a change that another release came in force, and does not put it over that unasked", async () => {
      await force(open(), { stage: "shadow" });
      const page = await open().signIn("ola", "operator", "/releases/triage");
      await page.getByRole("button", { name: "Change…" }).click();
      await dialog(page).getByRole("textbox", { name: "Share of the traffic" }).fill("40");
      await dialog(page).getByText("share 1 → 0.4").waitFor();
      await dialog(page).getByRole("textbox", { name: "Reason" }).fill("less");
      const other = await open().signIn("pia", "operator", "/releases/triage");
      await other.getByRole("button", { name: "Reduce traffic…" }).click();
      await dialog(other).getByRole("textbox", { name: "Share of the traffic" }).fill("90");
      await dialog(other).getByRole("textbox", { name: "Reason" }).fill("a little less");
      await dialog(other).getByRole("button", { name: "Reduce to 90 %" }).click();
      await other
        .getByText(/Release \d+ is in force/)
        .first()
        .waitFor();
      await dialog(page)
        .getByText(/came in force meanwhile/)
        .waitFor();
      expect(await dialog(page).getByRole("button", { name: "Put in force" }).isDisabled()).toBe(true);
      await dialog(page)
        .getByRole("button", { name: /Go on from release/ })
        .click();
      await dialog(page).getByText("share 0.9 → 0.4").waitFor();
      await dialog(page).getByRole("button", { name: "Put in force" }).click();
      await page
        .getByText(/Release \d+ is in force/)
        .first()
        .waitFor();
      expect(await present(open())).toMatchObject({ share: 0.4, created_by: "ola" });
    });

    test("proposes past the gate to a second person, who is not the same, and rejects with a reason", async () => {
      const body = { change: { stage: "partial" }, reason: "we have looked at it", override: true };
      const ada = await open().world.tokenOf("ada-writes", "operator");
      expect((await open().world.call("POST /v1/releases/triage/promote", body, ada)).status).toBe(202);
      const page = await open().signIn("ola", "operator", "/releases/triage");
      await page.getByText("1 change waits for a second person").waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.getByRole("button", { name: "Reject…" }).click();
      await dialog(page).getByRole("textbox", { name: "Reason" }).fill("there is no evidence");
      await dialog(page).getByRole("button", { name: "Reject" }).click();
      await page.getByText("1 change waits for a second person").waitFor({ state: "detached" });
      expect((await open().world.call("POST /v1/releases/triage/promote", body, ada)).status).toBe(202);
      const number = (await present(open()))["number"] as number;
      await page.getByRole("button", { name: "Approve…" }).click();
      await dialog(page).getByRole("textbox", { name: "Reason" }).fill("I have looked, too");
      await dialog(page).getByRole("button", { name: "Agree: put it in force" }).click();
      await page
        .getByRole("listitem", { name: `Release ${number + 1}` })
        .getByText(/Agreed to by ola/)
        .waitFor();
    });

    test("is for looking only where somebody may not act, and is reached from a run and from a workflow", async () => {
      const { runId } = await open().world.decided("billing/high/0.9");
      const page = await open().signIn("vic", "viewer", `/runs/${runId}`);
      await page.getByRole("link", { name: /^Release \d+ of triage$/ }).click();
      await page.waitForURL((url) => url.pathname === "/releases/triage" && url.searchParams.has("number"));
      await page.locator('[data-wanted="true"]').waitFor();
      expect(await page.getByRole("button", { name: "Change…" }).isDisabled()).toBe(true);
      await page.goto(`${open().world.url}/workflows/triage`);
      await page.getByRole("link", { name: /release \d+/ }).click();
      await page.waitForURL((url) => url.pathname === "/releases/triage");
    });
  },
  { mode: "serve" },
);
