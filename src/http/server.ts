import type { Sluice } from "../app/sluice.ts";
import { createHttp } from "./app.ts";
import { LOCAL_TOKEN, removeCredential, writeCredential } from "./credential.ts";
import { isLoopback } from "./host.ts";
import { pick } from "./filter.ts";
import { listen, serverUrl } from "./listen.ts";
import type { Listening } from "./listen.ts";
import { createLog } from "./log.ts";
import type { Log } from "./log.ts";

export interface ServerOptions {
  sluice: Sluice;
  /** 0: any free one. */
  port: number;
  host: string;
  /** Where commands on this machine look for the server. */
  dataDir: string;
  maxBodyBytes?: number;
  /** The address people open, where a proxy stands before this server. */
  publicUrl?: string | undefined;
  /** Folder of the built console. */
  consoleDir?: string;
  log?: Log;
  /** How long `close` waits for answers under way, in ms. */
  graceMs?: number;
}

/**
 * Listens, and leaves a fresh credential of role admin in the data folder for commands on this machine; those of earlier
 * starts are revoked. Nothing is answered before the credential is there: who finds a server finds the way in.
 * `close` ends waits, lets answers finish, revokes the credential. It does not close `sluice`.
 */
export async function startServer(options: ServerOptions): Promise<Listening> {
  const { sluice, dataDir, host, port } = options;
  const stopping = new AbortController();
  const app = createHttp(sluice, {
    log: options.log ?? createLog(),
    loopbackOnly: isLoopback(host),
    stopping: stopping.signal,
    ...pick(options, ["maxBodyBytes", "publicUrl", "consoleDir"]),
  });
  const signedIn = Promise.withResolvers<void>();
  const fetch: typeof app.fetch = async (...request) => {
    await signedIn.promise;
    return app.fetch(...request);
  };
  // A port that is known beforehand needs no listening to be written down, so that not even a connection is made before.
  let tokenId = port === 0 ? undefined : await signIn(sluice, dataDir, serverUrl(host, port));
  let listening: Listening | undefined;
  try {
    listening = await listen({ fetch }, { port, host, ...pick(options, ["graceMs"]) });
    tokenId ??= await signIn(sluice, dataDir, listening.url);
  } catch (error) {
    signedIn.resolve();
    await listening?.close();
    if (tokenId !== undefined) await signOut(sluice, dataDir, tokenId);
    throw error;
  }
  signedIn.resolve();
  return stoppable(listening, stopping, () => signOut(sluice, dataDir, tokenId));
}

async function signIn(sluice: Sluice, dataDir: string, url: string): Promise<string> {
  const old = (await sluice.listTokens()).filter(
    ({ kind, name, revokedAt }) => kind === "bearer" && name === LOCAL_TOKEN && revokedAt === null,
  );
  const { token, secret } = await sluice.createToken(LOCAL_TOKEN, "admin", null);
  await writeCredential(dataDir, { url, token: secret });
  for (const { tokenId } of old) await sluice.revokeToken(tokenId);
  return token.tokenId;
}

async function signOut(sluice: Sluice, dataDir: string, tokenId: string): Promise<void> {
  await removeCredential(dataDir);
  await sluice.revokeToken(tokenId);
}

function stoppable(listening: Listening, stopping: AbortController, after: () => Promise<void>): Listening {
  return {
    url: listening.url,
    async close() {
      stopping.abort();
      await listening.close();
      await after();
    },
  };
}
