import { existsSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { JsonObject } from "../../src/base/json.ts";
import { ApiWorld } from "../../src/testing/api-world.ts";
import type { SampleChange } from "../../src/testing/sample-project.ts";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Chromium on this machine: CHROMIUM_PATH, else where Debian and others put it. */
function chromiumPath(): string | undefined {
  return [process.env["CHROMIUM_PATH"] ?? "", ...PLACES].find((path) => path !== "" && existsSync(path));
}

/** Nothing but the page itself: no updates, no lookups, no first-run pages. */
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Tests that drive a browser. Without Chromium they are skipped, and `npm test` says how many; where SLUICE_BROWSER is
 * "required" (continuous integration) they fail instead.
 */
export function describeInBrowser(
  name: string,
  tests: (console: () => Console) => void,
  change: SampleChange = {},
): void {
  const found = chromiumPath() !== undefined || process.env["SLUICE_BROWSER"] === "required";
  describe.skipIf(!found)(name, { timeout: 180_000 }, () => {
    let opened: Console | undefined;
    beforeAll(async () => {
      opened = await Console.open(change);
    }, 60_000);
    afterAll(async () => {
      await opened?.close();
      // What no page may do, whatever else it shows.
      expect(opened?.complaints ?? []).toEqual([]);
    });
    tests(() => opened as Console);
  });
}

/** The console in a real browser, before a real server over a sample project with a scripted model. */
export class Console {
  readonly world: ApiWorld;
  readonly #browser: Browser;
  /** Errors of scripts, refusals of the content policy, and requests to any other address, in every page so far. */
  readonly complaints: string[] = [];

  private constructor(world: ApiWorld, browser: Browser) {
    this.world = world;
    this.#browser = browser;
  }

  static async open(change: SampleChange): Promise<Console> {
    const executablePath = chromiumPath();
    if (executablePath === undefined) throw new Error("There is no Chromium. Install it, or set CHROMIUM_PATH.");
    const [world, browser] = await Promise.all([
      ApiWorld.start(change),
      chromium.launch({ executablePath, headless: true, args: QUIET }),
    ]);
    return new Console(world, browser);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.world.close();
  }

  /** A one-time link for somebody, as an admin makes it. */
  async link(name: string, role: string): Promise<string> {
    const { body } = await this.world.call("POST /v1/login-links", { name, role });
    return body["url"] as string;
  }

  /** A browser of somebody's own, signed in by a link and looking at `path`. */
  async signIn(name: string, role: string, path = "/runs", options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.context(options);
    const page = await context.newPage();
    await page.goto(await this.link(name, role));
    await page.waitForURL((url) => url.pathname !== "/login");
    await page.goto(this.world.url + path);
    return page;
  }

  /** A fresh browser profile whose pages are watched. */
  async context(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.#browser.newContext({
      viewport: { width: 1280, height: 800 },
      // Nothing is measured or clicked while it still moves or fades.
      reducedMotion: "reduce",
      ...options,
    });
    context.on("weberror", (error) => this.complaints.push(`script: ${error.error().message}`));
    context.on("console", (message) => {
      if (message.type() === "error" && /Content Security Policy|violates/.test(message.text()))
        this.complaints.push(`policy at ${message.page()?.url() ?? "?"}: ${message.text()}`);
    });
    context.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol.startsWith("http") && origin !== new URL(this.world.url).origin)
        this.complaints.push(`elsewhere: ${request.url()}`);
    });
    return context;
  }

  /** Sends one event and waits until it is decided or waits; the id of its run. */
  async run(event: JsonObject): Promise<string> {
    const { body } = await this.world.call("POST /v1/events?wait=10s", event);
    return body["run_id"] as string;
  }
}

/** What axe-core finds on the page that is serious or worse: one line each, with where. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target.join(" ")}: ${failureSummary}`),
    );
}
