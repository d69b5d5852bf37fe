import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createEscalation, loadAccount, sendReplyDraft } from "../tools/ticket-desk.ts";
import { type Desk, startDesk } from "./desk.ts";

let desk: Desk;
beforeEach(async () => {
  desk = await startDesk();
  vi.stubEnv("SUPPORT_DESK_URL", desk.url);
});
afterEach(() => desk.close());

const call = { signal: new AbortController().signal, idempotencyKey: "run_1/escalate" };

test("a known account is loaded, and an unknown customer is an answer rather than a failure", async () => {
  expect(await loadAccount.run({ customer_id: "cus_1188" }, call)).toEqual({
    known: true,
    plan: "pro",
    enterprise: false,
  });
  expect(await loadAccount.run({ customer_id: "../counts" }, call)).toMatchObject({ known: false });
});

test("an escalation that is sent again under its key is the same escalation", async () => {
  const args = { ticket_id: "tkt_9041", reason: "charged twice" };
  const first = await createEscalation.run(args, call);
  expect(await createEscalation.run(args, call)).toEqual(first);
  expect(desk.counts().escalations).toMatchObject({ requests: 2, distinct: 1 });
});

test("a reply draft is an external message, an escalation a small write, and both keep their key", () => {
  expect(sendReplyDraft).toMatchObject({ effect: "write", kind: "external_message", idempotent: true });
  expect(createEscalation).toMatchObject({ effect: "write", kind: "other", risk: "low", idempotent: true });
  expect(loadAccount.effect).toBe("read");
});

test("a desk that is out for a moment is worth another try, a refused request is not", async () => {
  const failing = await startDesk({ fail: 1, seed: 3 });
  vi.stubEnv("SUPPORT_DESK_URL", failing.url);
  await expect(loadAccount.run({ customer_id: "cus_1188" }, call)).rejects.toMatchObject({
    info: { class: "transient" },
  });
  await failing.close();
  vi.stubEnv("SUPPORT_DESK_URL", desk.url);
  const keyless = { ...call, idempotencyKey: "" };
  await expect(createEscalation.run({ ticket_id: "t", reason: "r" }, keyless)).rejects.toMatchObject({
    info: { class: "bug" },
  });
});

test("without an address the failure says what to do", async () => {
  vi.stubEnv("SUPPORT_DESK_URL", "");
  await expect(loadAccount.run({ customer_id: "cus_1188" }, call)).rejects.toThrow(
    /SUPPORT_DESK_URL is not set.*npm run -s desk/,
  );
});
