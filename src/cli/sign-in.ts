import { userInfo } from "node:os";
import { join, relative } from "node:path";
import { inertLine } from "../base/inert.ts";
import { calledAs, quoted } from "./called-as.ts";
import { connect } from "./client.ts";
import type { Client } from "./client.ts";
import type { Io } from "./io.ts";

export interface LoginLink {
  url: string;
  expires_at: string;
}

export interface LoginLinkWanted {
  name: string;
  role: string;
  /** Left to the server unless given. */
  expires?: string;
}

export function loginLink(client: Client, { name, role, expires }: LoginLinkWanted): Promise<LoginLink> {
  const body = { name, role, ...(expires === undefined ? {} : { expires_in: expires }) };
  return client.post<LoginLink>("/v1/login-links", body);
}

/** Name of whoever runs the command, as the operating system has it. */
export function systemUser({ env }: Pick<Io, "env">): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return env["USER"] || "admin";
  }
}

/** What a server that has just started serves, absolute. */
interface Started {
  dir: string;
  dataDir: string;
}

/**
 * Says how to get into the console of a server that runs on `dataDir`: on a terminal with a link, for whoever sits there;
 * elsewhere, where a link would end up in a log, with the command that makes one. Never in the way of the server.
 */
export async function tellHowToSignIn(started: Started, io: Io): Promise<void> {
  const hint = `Console: "${loginCommand(started, io)}" prints a link to sign in with.\n`;
  if (!io.interactive) return io.err(hint);
  try {
    const client = await connect({ data: started.dataDir }, { ...io, env: {} });
    const { url } = await loginLink(client, { name: systemUser(io), role: "admin" });
    io.out(`Console, signed in once: ${inertLine(url)}\n`);
  } catch {
    io.err(hint);
  }
}

/** The command as it works where this one was typed. */
function loginCommand({ dir, dataDir }: Started, io: Io): string {
  const from = io.env["SLUICE_DIR"] || io.cwd;
  const shown = (path: string): string => quoted(relative(io.cwd, path) || ".");
  if (dataDir !== join(dir, ".sluice")) return `${calledAs(io)} login --data ${shown(dataDir)}`;
  return `${calledAs(io)} login${dir === from ? "" : ` --dir ${shown(dir)}`}`;
}
