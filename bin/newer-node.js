/**
 * Loaded first (`import "./newer-node.js"`, or `node --import`), in plain JavaScript that old versions of Node parse:
 * on a Node that is too old it goes on with a newer one installed beside the package, or says what to do.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NEEDED = 24;
const HANDED_OVER = "SLUICE_HANDED_OVER";
const WRONG_USE = 2;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

const tooOld = Number(process.versions.node.split(".")[0]) < NEEDED;
const handedOver = process.env[HANDED_OVER] !== undefined;
delete process.env[HANDED_OVER];

if (tooOld) {
  const newer = handedOver ? undefined : newerNode();
  if (newer === undefined) refuse();
  else process.exit(await handOver(newer));
} else {
  if (handedOver) followParent();
  else if (isOwnScript()) followScript();
  quietExperiments();
}

/** In a clone Node is a devDependency; in a project it may be one too. */
function newerNode() {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const places = [join(root, "node_modules/node/bin", name), join(root, "../node/bin", name)];
  return places.find((file) => existsSync(file));
}

function refuse() {
  process.stderr.write(
    `Sluice needs Node ${NEEDED} or newer; this is Node ${process.versions.node} (${process.execPath}).\n` +
      `In a clone, "npm ci" brings a newer one along (not with --ignore-scripts). Elsewhere, install a current Node ` +
      `from https://nodejs.org, or "npm install node@26" beside sluice.\n`,
  );
  process.exit(WRONG_USE);
}

/** Runs the same command on `node`; resolves to its exit code, or dies of the same signal. */
function handOver(node) {
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], {
    // The fourth channel carries nothing: its end tells the child that this process has died.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, [HANDED_OVER]: "1" },
  });
  // A terminal delivers Ctrl-C and hang-up to the whole group; forwarding them too would count as a second signal.
  const fromTerminal = process.stdin.isTTY;
  for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => fromTerminal || child.kill(signal));
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((resolve) => {
    child.on("error", (error) => {
      process.stderr.write(`${node} could not be started: ${error.message}\n`);
      resolve(WRONG_USE);
    });
    child.on("exit", (code, signal) => {
      if (signal === null) return resolve(code ?? 1);
      for (const name of ["SIGINT", "SIGHUP", "SIGTERM"]) process.removeAllListeners(name);
      return process.kill(process.pid, signal);
    });
  });
}

/** Whoever kills the process they started means this one: a child left alone would keep the port and the data lock. */
function followParent() {
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  process.channel?.unref();
}

/** Started as a script of this package: `npm run demo` and the like. */
function isOwnScript() {
  return (
    process.env["npm_lifecycle_event"] !== undefined && process.execArgv.some((each) => each.includes("newer-node"))
  );
}

/** npm passes SIGTERM on to the shell between, which ends and leaves this process alone with what it has started. */
function followScript() {
  const shell = process.ppid;
  const look = () => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  };
  const timer = setInterval(look, 500);
  timer.unref();
}

/** The early releases of Node 24 warn about SQLite and type stripping; both are settled now. Others stay visible. */
function quietExperiments() {
  const emit = process.emitWarning.bind(process);
  process.emitWarning = (warning, ...rest) => {
    const type = typeof rest[0] === "object" ? rest[0]?.type : rest[0];
    if (type === "ExperimentalWarning" && /SQLite|Type Stripping/.test(String(warning))) return;
    emit(warning, ...rest);
  };
}
