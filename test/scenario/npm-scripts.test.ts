import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";

const SCRIPT = `process.on("SIGTERM", () => { console.log("told to end"); process.exit(0); });
setInterval(() => {}, 1_000);
console.log("up");`;

test("a script of the package ends when the shell that npm runs it in is gone, as after SIGTERM to npm", async () => {
  const command = `"${process.execPath}" --import ./bin/newer-node.js --eval '${SCRIPT}'; true`;
  const shell = spawn("sh", ["-c", command], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, npm_lifecycle_event: "demo" },
  });
  const lines = createInterface({ input: shell.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe("up");
  shell.kill("SIGTERM");
  await once(shell, "exit");
  expect((await lines.next()).value).toBe("told to end");
});
