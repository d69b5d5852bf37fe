#!/usr/bin/env node
/**
 * The command's entry. Plain JavaScript that also parses on old versions of Node, because its first duty is to say
 * clearly what is wrong there, or to go on with a newer Node that was installed beside the package.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const NEEDED = 24;
const HANDED_OVER = "SLUICE_HANDED_OVER";
const WRONG_USE = 2;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

const tooOld = Number(process.versions.node.split(".")[0]) < NEEDED;
const handedOver = process.env[HANDED_OVER] !== undefined;
delete process.env[HANDED_OVER];

if (!tooOld) {
  if (handedOver) followParent();
  await run();
} else {
  const newer = handedOver ? undefined : newerNode();
  if (newer === undefined) refuse();
  else handOver(newer);
}

async function run() {
  quietExperiments();
  if (typeof module.enableCompileCache === "function") module.enableCompileCache();
  // A clone has `src/` and may have an old `dist/` from an earlier build; the published package has `dist/` only.
  const entry = [join(root, "src/cli/main.ts"), join(root, "dist/cli/main.js")].find((file) => existsSync(file));
  if (entry === undefined) {
    process.stderr.write(`sluice: neither src/cli nor dist/cli is in ${root}; install the package again\n`);
    process.exitCode = WRONG_USE;
    return;
  }
  const { main } = await import(pathToFileURL(entry).href);
  process.exitCode = await main(process.argv.slice(2));
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

/** In a clone Node is a devDependency; in a project it may be one too. */
function newerNode() {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const places = [join(root, "node_modules/node/bin", name), join(root, "../node/bin", name)];
  return places.find((file) => existsSync(file));
}

function refuse() {
  process.stderr.write(
    `sluice needs Node ${NEEDED} or newer; this is Node ${process.versions.node} (${process.execPath}).\n` +
      `Install a current Node from https://nodejs.org, or run "npm install node@${NEEDED + 2}" in this folder: ` +
      `sluice then finds it by itself.\n`,
  );
  process.exitCode = WRONG_USE;
}

function handOver(node) {
  const child = spawn(node, [...process.execArgv, process.argv[1], ...process.argv.slice(2)], {
    // The fourth channel carries nothing: its end tells the child that this process has died.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, [HANDED_OVER]: "1" },
  });
  // A terminal delivers Ctrl-C and hang-up to the whole group; forwarding them too would count as a second signal.
  const fromTerminal = process.stdin.isTTY;
  for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => fromTerminal || child.kill(signal));
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("error", (error) => {
    process.stderr.write(`sluice: ${node} could not be started: ${error.message}\n`);
    process.exit(WRONG_USE);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of ["SIGINT", "SIGHUP", "SIGTERM"]) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

/** Whoever kills the process they started means this one: a child left alone would keep the port and the data lock. */
function followParent() {
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  process.channel?.unref();
}
