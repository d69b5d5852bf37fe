import type { Command } from "commander";
import { inertLine } from "../base/inert.ts";
import { connect, withServer } from "./client.ts";
import type { ServerOptions } from "./client.ts";
import type { TokenDocument } from "./documents.ts";
import { withExamples } from "./examples.ts";
import type { Io } from "./io.ts";
import { printJson, printLines, shortTime, table } from "./print.ts";

interface CreateOptions extends ServerOptions {
  role: string;
  expires: string;
}

export function define(command: Command, io: Io): void {
  const creating = withServer(command.command("create <name>").description("make a token; its secret is shown once"))
    .requiredOption("--role <role>", "viewer, reviewer, editor, operator (may send events) or admin")
    .option("--expires <duration>", 'how long it is good for; "never" until it is revoked', "90d");
  withExamples(creating, [
    ["sluice token create desk --role operator", "for the program that sends events"],
    ["sluice token create ana --role reviewer --expires 30d", "for a reviewer"],
  ]).action((name: string, options: CreateOptions) => create(name, options, io));
  withExamples(withServer(command.command("list").description("list tokens, login codes and sessions")), [
    ["sluice token list", "who has access, and as what; never shows a secret"],
  ]).action((options: ServerOptions) => list(options, io));
  withExamples(withServer(command.command("revoke <id>").description("revoke a token or end a session, at once")), [
    ["sluice token revoke tok_01k…", "it opens nothing any more"],
    ["sluice token revoke ses_01k…", "whoever is signed in by it is signed out"],
  ]).action((id: string, options: ServerOptions) => revoke(id, options, io));
}

async function create(name: string, options: CreateOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const expires = options.expires === "never" ? null : options.expires;
  const token = await client.post<
    TokenDocument & {
      secret: string;
    }
  >("/v1/tokens", { name, role: options.role, expires_in: expires });
  if (options.json === true) return printJson(io, token);
  // The secret alone on standard output, so that it can be put into a variable or a file.
  io.out(`${token.secret}\n`);
  const until = token.expires_at === null ? "until it is revoked" : `until ${shortTime(token.expires_at)}`;
  io.err(`${token.token_id} for ${inertLine(name)}, ${options.role}, good ${until}. The secret is not shown again.\n`);
}

async function list(options: ServerOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const { items } = await client.get<{ items: TokenDocument[] }>("/v1/tokens");
  if (options.json === true) return printJson(io, { items });
  const columns = [
    { title: "ID" },
    { title: "KIND" },
    { title: "NAME", grows: true },
    { title: "ROLE" },
    { title: "CREATED" },
    { title: "GOOD UNTIL" },
  ];
  const rows = items.map((token) => [
    token.token_id,
    token.kind,
    token.name,
    token.role,
    shortTime(token.created_at),
    token.revoked_at === null
      ? shortTime(token.expires_at) || "it is revoked"
      : `revoked ${shortTime(token.revoked_at)}`,
  ]);
  printLines(io, table(io, columns, rows));
}

async function revoke(id: string, options: ServerOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  await client.send("DELETE", `/v1/tokens/${encodeURIComponent(id)}`);
  if (options.json === true) printJson(io, { token_id: id, revoked: true });
  else printLines(io, [`${inertLine(id)} is revoked.`]);
}
