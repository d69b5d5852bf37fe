import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type ServerType, serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { z } from "zod";
import { type EffectCounts, type EffectKind, EffectLog } from "./effects.ts";
import { type FaultOptions, Faults } from "./faults.ts";

export interface DeskOptions extends FaultOptions {
  /** 0 for any. */
  port?: number;
  /** Where the effects are kept; in memory only unless set. */
  file?: string;
}

export interface DeskCounts {
  accounts: { requests: number; unknown: number };
  escalations: EffectCounts;
  replies: EffectCounts;
  /** Failures the desk made up on request (`fail`). */
  injected: number;
}

export interface Desk {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  counts(): DeskCounts;
  close(): Promise<void>;
}

export interface Account {
  customer_id: string;
  plan: string;
  enterprise: boolean;
  seats: number;
  since: string;
  open_tickets: number;
}

const Escalation = z.strictObject({ ticket_id: z.string().min(1), reason: z.string().max(1_000) });
const Reply = z.strictObject({ ticket_id: z.string().min(1), language: z.string(), text: z.string().min(1) });

/** What a request to the desk shares with the others. */
interface DeskState {
  log: EffectLog;
  faults: Faults;
  accounts: Map<string, Account>;
  reads: { requests: number; unknown: number };
}

/** Starts the ticket desk on loopback: the outside system the example's tools speak to. */
export async function startDesk(options: DeskOptions = {}): Promise<Desk> {
  const accounts = await readAccounts();
  const state: DeskState = {
    log: await EffectLog.open(options.file),
    faults: new Faults(options),
    accounts: new Map(accounts.map((account) => [account.customer_id, account])),
    reads: { requests: 0, unknown: 0 },
  };
  const { server, port } = await listen(deskApp(state), options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    counts: () => countsOf(state),
    close: async () => {
      await closeServer(server);
      await state.log.close();
    },
  };
}

async function readAccounts(): Promise<Account[]> {
  const text = await readFile(new URL("accounts.jsonl", import.meta.url), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Account);
}

function countsOf({ reads, log, faults }: DeskState): DeskCounts {
  return {
    accounts: { ...reads },
    escalations: log.counts("escalation"),
    replies: log.counts("reply"),
    injected: faults.injected,
  };
}

function deskApp(state: DeskState): Hono {
  const app = new Hono();
  app.get("/healthz", (c) => c.json({ ok: true }));
  app.get("/counts", (c) => c.json(countsOf(state)));
  app.use("/accounts/*", (c, next) => withFaults(state, c, next));
  app.use("/escalations", (c, next) => withFaults(state, c, next));
  app.use("/replies", (c, next) => withFaults(state, c, next));
  app.get("/accounts/:id", (c) => {
    state.reads.requests++;
    const account = state.accounts.get(c.req.param("id"));
    if (account !== undefined) return c.json(account);
    state.reads.unknown++;
    return c.json({ error: `There is no customer ${c.req.param("id")}.` }, 404);
  });
  app.get("/escalations", (c) => c.json({ items: listed(state, "escalation", c.req.query("key")) }));
  app.get("/replies", (c) => c.json({ items: listed(state, "reply", c.req.query("key")) }));
  app.post("/escalations", (c) => receive(state, c, "escalation", Escalation));
  app.post("/replies", (c) => receive(state, c, "reply", Reply));
  app.notFound((c) => c.json({ error: "No such address." }, 404));
  return app;
}

async function withFaults(state: DeskState, c: Context, next: () => Promise<void>): Promise<Response | undefined> {
  const listing = c.req.method === "GET" && !c.req.path.startsWith("/accounts/");
  if (listing) {
    await next();
    return undefined;
  }
  const { delayMs, fault } = state.faults.next();
  if (delayMs > 0) await pause(delayMs);
  if (fault === "before") return c.json({ error: "The desk is out for a moment." }, 503);
  await next();
  if (fault === "after") c.res = c.json({ error: "Something broke after the work was done." }, 500);
  return undefined;
}

function listed(state: DeskState, kind: EffectKind, only: string | undefined): object[] {
  return state.log.effects
    .filter((effect) => effect.kind === kind && effect.outcome === "created" && (only ?? effect.key) === effect.key)
    .map(({ id, ticket_id, key, at }) => ({ id, ticket_id, key, at }));
}

/** A write, carried out once per `Idempotency-Key`; each request received is on record, repeats too. */
async function receive(
  state: DeskState,
  c: Context,
  kind: EffectKind,
  schema: z.ZodType<{ ticket_id: string }>,
): Promise<Response> {
  const key = c.req.header("idempotency-key");
  if (key === undefined || key === "") return c.json({ error: "The header Idempotency-Key is missing." }, 400);
  const body = schema.safeParse(await c.req.json().catch(() => undefined));
  if (!body.success) return c.json({ error: z.prettifyError(body.error) }, 422);
  const payload = JSON.stringify(body.data);
  const before = state.log.created(kind, key);
  const outcome = before === undefined ? "created" : before.payload === payload ? "repeated" : "conflict";
  const id = before?.id ?? `${kind === "escalation" ? "esc" : "rpl"}_${state.log.counts(kind).distinct + 1}`;
  const at = new Date().toISOString();
  await state.log.append({ at, kind, key, outcome, id, ticket_id: body.data.ticket_id, payload });
  if (outcome === "conflict") return c.json({ error: "This key was used for another body." }, 409);
  return c.json({ id, ticket_id: body.data.ticket_id }, outcome === "created" ? 201 : 200);
}

function listen(app: Hono, port: number): Promise<{ server: ServerType; port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, (info: AddressInfo) =>
      resolve({ server, port: info.port }),
    );
    server.once("error", reject);
  });
}

function closeServer(server: ServerType): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    if ("closeIdleConnections" in server) server.closeIdleConnections();
  });
}
