import type { Command } from "commander";
import { inertLine } from "../base/inert.ts";
import { connect, withServer } from "./client.ts";
import type { ServerOptions } from "./client.ts";
import { withExamples } from "./examples.ts";
import type { Io } from "./io.ts";
import { printJson, shortTime } from "./print.ts";
import { loginLink, systemUser } from "./sign-in.ts";

interface LoginOptions extends ServerOptions {
  name?: string;
  role: string;
  expires: string;
}

/** `sluice login`: a link that opens the console once, signed in. */
export function define(command: Command, io: Io): void {
  withServer(command)
    .option("--name <name>", "who signs in; shown as the actor of all they do; you unless set")
    .option("--role <role>", "viewer, reviewer, editor, operator or admin", "admin")
    .option("--expires <duration>", "how long the link is good for, at most 24h", "15m");
  withExamples(command, [
    ["sluice login", "prints a link; open it in a browser"],
    ["sluice login --name mia --role reviewer", "a link for somebody else"],
  ]).action((options: LoginOptions) => login(options, io));
}

async function login(options: LoginOptions, io: Io): Promise<void> {
  const { role, expires } = options;
  const name = options.name ?? systemUser(io);
  const link = await loginLink(await connect(options, io), { name, role, expires });
  if (options.json === true) return printJson(io, { ...link, name, role });
  // The link alone on standard output, so that it can be piped into whatever opens or sends it.
  io.out(`${link.url}\n`);
  io.err(`Signs in ${inertLine(name)}, ${inertLine(role)}, once, until ${shortTime(link.expires_at)} UTC.\n`);
}
