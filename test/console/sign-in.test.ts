import { expect, test } from "vitest";
import { accessibilityFaults, describeInBrowser } from "./browser.ts";

describeInBrowser("signing in to the console", (open) => {
  test("takes a link that works once, and leads back to the address that was asked for", async () => {
    const console = open();
    const context = await console.context();
    const page = await context.newPage();
    await page.goto(`${console.world.url}/prompts`);
    await page.waitForURL((url) => url.pathname === "/login");
    await page.getByText("sluice login", { exact: true }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);

    const link = await console.link("mia", "reviewer");
    await page.goto("about:blank");
    await page.goto(link);
    await page.waitForURL((url) => url.pathname === "/reviews");
    await page.goto(`${console.world.url}/prompts`);
    await page.getByRole("heading", { name: "Prompts", level: 1 }).waitFor();

    const other = await (await console.context()).newPage();
    await other.goto(link);
    await other.getByRole("alert").waitFor();
    expect(new URL(other.url()).pathname).toBe("/login");
  });

  test("ends for every open tab when the session is revoked, without a reload", async () => {
    const console = open();
    const page = await console.signIn("noa", "viewer");
    await page.getByText("Live", { exact: true }).waitFor();
    const { items } = (await console.world.call("GET /v1/tokens")).body as {
      items: { token_id: string; name: string; revoked_at: string | null }[];
    };
    const session = items.find(({ name, revoked_at: at }) => name === "noa" && at === null);
    await console.world.call(`DELETE /v1/tokens/${session?.token_id}`);
    await page.waitForURL((url) => url.pathname === "/login");
    expect((await page.request.get(`${console.world.url}/v1/runs`)).status()).toBe(401);
  });

  test("says when the line to the server is down, and that it is back", async () => {
    const page = await open().signIn("noa", "viewer");
    await page.getByText("Live", { exact: true }).waitFor();
    await page.context().setOffline(true);
    await page.getByRole("alert").filter({ hasText: "The line to the server is down" }).waitFor();
    await page.context().setOffline(false);
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("alert").waitFor({ state: "detached" });
    expect(await page.getByText("Not live").count()).toBe(0);
  });

  test("lets one go anywhere by keyboard: the palette, two keys, and a list of all keys", async () => {
    const page = await open().signIn("noa", "viewer");
    await page.getByRole("heading", { name: "Runs", level: 1 }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("textbox", { name: "Find anything" }).fill("classifier");
    await page.getByRole("dialog").getByText("classifier", { exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.pathname === "/prompts/classifier");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.waitForURL((url) => url.pathname === "/tools");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });
});
