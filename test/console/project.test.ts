import { expect, test } from "vitest";
import { ticket } from "../../src/testing/sample-project.ts";
import { accessibilityFaults, describeInBrowser } from "./browser.ts";

describeInBrowser("the pages of what is deployed", (open) => {
  test("show the newest wording of a prompt beside the one it rolls back to, and what each decided", async () => {
    const { world } = open();
    await world.decided("billing/high/0.9");
    const { runId } = await world.decided("account/low/0.95");
    const page = await open().signIn("pia", "viewer", "/prompts");
    await page.getByRole("link", { name: "classifier", exact: true }).click();
    await page.getByRole("heading", { name: "What changed from 2026-05-20.3 to 2026-05-29.1" }).waitFor();
    const before = page.getByRole("textbox", { name: "2026-05-20.3 · Messages" });
    const after = page.getByRole("textbox", { name: "2026-05-29.1 · Messages" });
    await after.waitFor();
    expect(await before.innerText()).toContain("Sort the ticket.");
    expect(await after.innerText()).toContain("Classify the support ticket.");

    const served = page.getByRole("table", { name: "What they served and decided" });
    expect(await served.getByRole("row", { name: /^Runs/ }).getByRole("link").allInnerTexts()).toEqual(["0", "2"]);
    expect(await accessibilityFaults(page)).toEqual([]);
    await served.getByRole("button", { name: "1 run decided category account" }).click();
    await page.getByRole("link", { name: runId }).waitFor();
    await page.keyboard.press("Escape");

    await page.keyboard.press("x");
    await page.waitForURL((url) => url.searchParams.get("version") === "2026-05-20.3");
    await page.getByRole("heading", { name: "What changed from 2026-05-29.1 to 2026-05-20.3" }).waitFor();
    await served.getByRole("row", { name: /^Runs/ }).getByRole("link", { name: "2: runs with 2026-05-29.1" }).click();
    await page.waitForURL((url) => url.pathname === "/runs");
    expect(new URL(page.url()).searchParams.get("prompt_version")).toBe("classifier@2026-05-29.1");
  });

  test("find what a contract does not declare, and what it refused, which a viewer is not shown", async () => {
    const { world } = open();
    await open().run(ticket("evt_drift", "other/low/0.9", { mood: "cross" }));
    expect((await world.call("POST /v1/events", ticket("evt_bad", "", { created_at: "yesterday" }))).status).toBe(422);
    const page = await open().signIn("ola", "operator", "/contracts", { colorScheme: "dark" });
    await page.getByRole("link", { name: "1 undeclared properties" }).click();
    await page.waitForURL((url) => url.pathname === "/contracts/support_ticket.created");
    const drift = page.getByRole("table", { name: "Undeclared properties" });
    await drift.getByRole("row", { name: /^\/mood/ }).waitFor();
    const refused = page.getByRole("table", { name: "Quarantine" }).getByRole("row", { name: /evt_bad/ });
    expect(await refused.innerText()).toContain("/created_at");
    expect(await accessibilityFaults(page)).toEqual([]);
    const fields = page.getByRole("table", { name: "Fields" });
    expect(await fields.getByRole("row", { name: /^body/ }).innerText()).toContain("sensitive");

    const viewer = await open().signIn("vic", "viewer", "/contracts/support_ticket.created");
    await viewer.getByText("Events that were refused are shown to operators.").waitFor();
    expect(await viewer.getByText("evt_bad").count()).toBe(0);
  });

  test("lead from a tool to the runs that called it", async () => {
    const { runId } = await open().world.decided("billing/high/0.97");
    const page = await open().signIn("pia", "viewer", "/tools?q=ESCAL");
    await page.getByRole("link", { name: "escalate", exact: true }).click();
    await page.getByRole("table", { name: "Newest runs" }).getByRole("link", { name: runId }).waitFor();
    await page
      .getByRole("table", { name: "Arguments" })
      .getByRole("row", { name: /^ticket_id/ })
      .waitFor();
    await page.getByRole("link", { name: /: runs that called it: applied$/ }).click();
    await page.waitForURL((url) => url.pathname === "/runs");
    const { searchParams } = new URL(page.url());
    expect([searchParams.get("tool"), searchParams.get("disposition")]).toEqual(["escalate", "applied"]);
  });

  test("say what the filter did not find, and where a version is not deployed", async () => {
    const page = await open().signIn("pia", "viewer", "/prompts?q=nothing-like-it");
    await page.getByText("No prompt has these words.").waitFor();
    await page.getByRole("button", { name: "Show all of them" }).click();
    await page.getByRole("link", { name: "classifier", exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe("");
    await page.goto(`${open().world.url}/prompts/classifier?version=none`);
    await page.getByText("This version is not deployed.").waitFor();
  });
});

describeInBrowser("access", (open) => {
  test("is given by a link that signs somebody in once, and taken away again", async () => {
    const page = await open().signIn("ada", "admin", "/access");
    await page.getByRole("row", { name: /^ada you/ }).waitFor();
    await page.getByRole("button", { name: "Let somebody in" }).click();
    await page.getByRole("textbox", { name: "Their name" }).fill("bo");
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Make the link" }).click();
    const link = await page.getByRole("dialog").locator("[data-secret]").innerText();
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
    expect(await page.content()).not.toContain(link);

    const other = await (await open().context()).newPage();
    await other.goto(link);
    await other.waitForURL((url) => url.pathname === "/reviews");

    await page.reload();
    await page.getByRole("button", { name: "Revoke bo, person" }).click();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
    await other.waitForURL((url) => url.pathname === "/login");
    await page.getByRole("row", { name: /^bo/ }).waitFor({ state: "detached" });
    await page.getByRole("checkbox", { name: /past/ }).check();
    await page.getByRole("row", { name: /^bo.*revoked/ }).waitFor();
  });

  test("of a program is a token whose secret is shown once and works", async () => {
    const page = await open().signIn("ada", "admin", "/access");
    await page.getByRole("heading", { name: "Access", level: 1 }).waitFor();
    await page.keyboard.press("t");
    await page.getByRole("textbox", { name: "The program's name" }).fill("desk");
    await page.keyboard.press("Enter");
    const secret = await page.getByRole("dialog").locator("[data-secret]").innerText();
    expect((await open().world.call("GET /v1/session", undefined, secret)).body).toMatchObject({
      name: "desk",
      role: "operator",
    });
  });

  test("is not given by anybody but an admin, who are told so", async () => {
    const page = await open().signIn("ola", "operator", "/access");
    await page.getByText("Ask one for a link with another role.").waitFor();
    expect(await page.getByRole("button", { name: /Let somebody in|Make a token|Revoke/ }).count()).toBe(0);
  });
});
