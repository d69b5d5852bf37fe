import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import type { JsonObject } from "../../src/base/json.ts";
import type { ModelRequest } from "../../src/model/port.ts";
import { accessibilityFaults, describeInBrowser } from "./browser.ts";

const SUITE = `
name: classifier_regression
prompt: classifier
datasets: [{file: golden.jsonl, kind: golden}]
slices: [ticket.channel]
targets:
  - {name: Category accuracy, metric: accuracy, field: category, target: ">= 90%"}
  - {name: Billing recall, metric: recall, positive: {category: billing}, target: ">= 98%", critical: true}
  - {name: Average latency, metric: latency_avg, target: "< 20s"}
`;

/** Thirty cases: twenty of billing, ten of accounts; the subject is what the better version answers. */
const CASES = Array.from({ length: 30 }, (_, n) => {
  const category = n < 20 ? "billing" : "account";
  const subject = `${category}/high/0.9 case ${n}`;
  return JSON.stringify({
    id: `case-${n}`,
    input: { ticket: { subject, body: "Two charges.", channel: n % 2 === 0 ? "mail" : "chat" } },
    expected: { category, urgency: "high" },
    tags: [],
  });
}).join("\n");

/** The older version takes eight of the billing tickets for something else. */
function answer({ messages }: ModelRequest): JsonObject {
  const text = JSON.stringify(messages);
  const [, category = "other", n = "0"] = /(billing|account)\/high\/0\.9 case (\d+)/.exec(text) ?? [];
  const worse = text.includes("Sort the ticket") && Number(n) < 8;
  return { category: worse ? "other" : category, urgency: "high", confidence: worse ? 0.55 : 0.92 };
}

/** Begins an eval run from the console and waits until it is done. */
async function start(page: Page, version: string, baseline?: string): Promise<void> {
  await page.getByRole("button", { name: /^Start an eval run/ }).click();
  const dialog = page.getByRole("dialog", { name: "Start an eval run" });
  await dialog.getByLabel("Version").selectOption(`classifier@${version}`);
  if (baseline !== undefined) await dialog.getByLabel("Compared with").selectOption(`classifier@${baseline}`);
  await dialog.getByRole("button", { name: "Start", exact: true }).click();
  await page.waitForURL(/\/evals\/evl_/);
  await page.getByRole("table", { name: "Targets", exact: true }).waitFor();
}

describeInBrowser(
  "evals",
  (open) => {
    test("a suite without an eval run says how to begin one, also to those who may not", async () => {
      const page = await open().signIn("vera", "viewer", "/evals");
      await page.getByRole("table", { name: "Suites" }).getByText("none yet").waitFor();
      await page.getByText("sluice eval run SUITE").waitFor();
      expect(await page.getByRole("button", { name: /^Start an eval run/ }).count()).toBe(0);
      expect(await accessibilityFaults(page)).toEqual([]);
    });

    test("are begun, and show targets with interval and note, slices, classes, calibration and what failed", async () => {
      const page = await open().signIn("edda", "editor", "/evals");
      await start(page, "2026-05-20.3");
      const targets = page.getByRole("table", { name: "Targets", exact: true });
      await targets
        .getByRole("row", { name: /^Category accuracy .*73\.33 %.*FAIL.*54\.11 % to 87\.72 %.*22 of 30/ })
        .waitFor();
      await targets
        .getByRole("row", { name: /^Billing recall critical.*60\.00 %.*FAIL.*12 of 20.*established/ })
        .waitFor();
      await targets.getByRole("row", { name: /^Average latency.*PASS/ }).waitFor();
      await page
        .getByRole("table", { name: "Figures by ticket.channel" })
        .getByRole("row", { name: /^mail 15/ })
        .waitFor();
      await page.getByText("Absent, no case of them: edge, negative, regression, adversarial.").waitFor();
      const matrix = page.getByRole("table", { name: "Confusion matrix of category" });
      await matrix.getByRole("row", { name: /^billing 0 12 8/ }).waitFor();
      await page.getByText("expected calibration error", { exact: false }).waitFor();
      const failing = page.getByRole("table", { name: "Failing cases" });
      await failing.getByRole("row", { name: /case-3.*wrong.*\/category "billing" "other"/ }).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
    });

    test("lead from a failing case to its input, difference and trace, and back by Escape", async () => {
      const page = await open().signIn("edda", "editor", "/evals");
      await page.getByRole("table", { name: "Eval runs" }).getByRole("link", { name: /^evl_/ }).first().click();
      await page.getByRole("table", { name: "Failing cases" }).waitFor();
      await page.keyboard.press("j");
      await page.keyboard.press("Enter");
      await page.waitForURL(({ searchParams }) => searchParams.get("case") === "case-0");
      const panel = page.getByRole("region", { name: "Attempt" });
      await panel.getByText("wrong").waitFor();
      await panel.getByRole("list", { name: "Trace" }).getByText("model call").first().waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await panel.waitFor({ state: "detached" });
    });

    test("with a baseline compare case by case, and say better only where it is shown", async () => {
      const page = await open().signIn("edda", "editor", "/evals");
      await start(page, "2026-05-29.1", "2026-05-20.3");
      const targets = page.getByRole("table", { name: "Targets", exact: true });
      await targets
        .getByRole("row", { name: /^Billing recall critical.*100 %.*INCONCLUSIVE.*129 more cases/ })
        .waitFor();
      await page.getByRole("link", { name: "Compare with its baseline" }).click();
      const compared = page.getByRole("table", { name: "Compared targets" });
      await compared.getByRole("row", { name: /^Billing recall 60\.00 %.*100 %.* 0 8 0\.0078 better/ }).waitFor();
      const changed = page.getByRole("table", { name: "Cases that changed" }).getByRole("row");
      await changed.first().waitFor();
      expect(await changed.count()).toBe(9);
      expect(await accessibilityFaults(page)).toEqual([]);
    });

    test("show figures to viewers, and cases only to those who keep suites", async () => {
      const page = await open().signIn("vera", "viewer", "/evals", { colorScheme: "dark" });
      await page.getByRole("table", { name: "Eval runs" }).getByRole("link", { name: /^evl_/ }).last().click();
      await page.getByRole("table", { name: "Targets", exact: true }).waitFor();
      await page.getByText("Cases hold originals: they are shown to editors.").waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
    });
  },
  {
    files: {
      "evals/classifier_regression/suite.yaml": SUITE,
      "evals/classifier_regression/golden.jsonl": `${CASES}\n`,
    },
    answer,
  },
);
