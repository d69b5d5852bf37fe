import { existsSync, readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { loadProject } from "../app/project.ts";
import { writeTypes } from "../app/types.ts";
import { isoTime, systemClock } from "../base/clock.ts";
import { UsageError } from "../base/failure.ts";
import { didYouMean } from "../base/suggest.ts";
import { calledAs, quoted } from "./called-as.ts";
import { withExamples } from "./examples.ts";
import type { Io } from "./io.ts";
import { printJson } from "./print.ts";
import { refuseErrors } from "./project-folder.ts";
import { triageFiles } from "./template-triage.ts";
import type { FirstCommand } from "./template-triage.ts";

const TEMPLATES: Readonly<Record<string, (version: string, first: readonly FirstCommand[]) => Record<string, string>>> =
  { triage: triageFiles };

interface InitOptions {
  template: string;
  force?: true;
  json?: true;
}

/** `sluice init`: a small project that runs as it is. */
export function define(command: Command, io: Io): void {
  command
    .argument("[dir]", "the folder to make; this one unless named", ".")
    .option("--template <name>", `one of: ${Object.keys(TEMPLATES).join(", ")}`, "triage")
    .option("--force", "write into a folder that is not empty; files of the same names are replaced")
    .option("--json", "print what was written as JSON");
  withExamples(command, [
    ["sluice init my-project", "a project to start from"],
    ["sluice init --template triage .", "the same, here"],
  ]).action((dir: string, options: InitOptions) => init(dir, options, io));
}

async function init(asked: string, { template, force, json }: InitOptions, io: Io): Promise<void> {
  const files = Object.hasOwn(TEMPLATES, template) ? TEMPLATES[template] : undefined;
  if (files === undefined)
    throw new UsageError(
      "unknown_template",
      `There is no template "${template}". ${didYouMean(template, Object.keys(TEMPLATES))}`,
    );
  const dir = resolve(io.cwd, asked);
  // What a fresh repository holds is in nobody's way.
  const inTheWay = existsSync(dir) ? readdirSync(dir).filter((name) => name !== ".git") : [];
  if (inTheWay.length > 0 && force !== true)
    throw new UsageError(
      "not_empty",
      `${dir} is not empty (${inTheWay.slice(0, 3).join(", ")}${inTheWay.length > 3 ? ", …" : ""}). Name another folder, or add --force to write into it.`,
    );
  const today = isoTime(systemClock.now()).slice(0, 10);
  const first = firstCommands(asked, io);
  const written = { ...files(`${today}.1`, first), ...editorFiles(dir) };
  for (const [file, text] of Object.entries(written)) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), text);
  }
  const project = await loadProject(dir, { env: io.env });
  refuseErrors(project.problems.filter(({ file }) => file in written));
  await writeTypes(project);
  const names = [...Object.keys(written), "sluice.d.ts"].toSorted();
  if (json) printJson(io, { dir, files: names });
  else io.out(`${names.map((name) => `  ${join(asked, name)}\n`).join("")}\n${nextSteps(first)}`);
}

/** The first commands of a new project, as they work where `init` was called. */
function firstCommands(asked: string, io: Io): FirstCommand[] {
  const sluice = calledAs(io);
  const here = asked === "." && (io.env["SLUICE_DIR"] ?? "") === "";
  const dir = here ? "" : ` --dir ${quoted(asked)}`;
  return [
    { command: `${sluice} dev${dir}`, note: "serve it, and start anew on every save" },
    {
      command: `${sluice} trigger ${quoted(join(asked, "event.json"))} --wait 20s${dir}`,
      note: "in another shell: send the event and wait for the decision",
    },
    { command: `${sluice} why evt_1${dir}`, note: "everything about that decision, on one screen" },
    { command: `${sluice} login${dir}`, note: "a link to the console" },
  ];
}

function nextSteps(first: readonly FirstCommand[]): string {
  return `Next:\n${first.map(({ command, note }) => `  $ ${command}\n      ${note}\n`).join("")}`;
}

/** What editors and Node need to know about the folder. */
function editorFiles(dir: string): Record<string, string> {
  const tsconfig = {
    compilerOptions: {
      target: "ES2024",
      module: "NodeNext",
      moduleResolution: "NodeNext",
      strict: true,
      noUncheckedIndexedAccess: true,
      allowImportingTsExtensions: true,
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
      skipLibCheck: true,
      noEmit: true,
      types: ["node"],
      ...ownTypes(dir),
    },
    include: ["**/*.ts"],
  };
  const manifest = { private: true, type: "module" };
  return {
    "tsconfig.json": `${JSON.stringify(tsconfig, null, 2)}\n`,
    "package.json": `${JSON.stringify(manifest, null, 2)}\n`,
  };
}

/** Without an install in the project, editors are shown the Sluice that made it. */
function ownTypes(dir: string): object {
  try {
    createRequire(join(dir, "sluice.config.ts")).resolve("sluice");
    return {};
  } catch {
    const root = fileURLToPath(new URL("../..", import.meta.url));
    const from = (path: string): string => relative(dir, join(root, path)).replaceAll("\\", "/");
    const [folder, ending] = existsSync(join(root, "src/index.ts")) ? ["src", "ts"] : ["dist", "d.ts"];
    const paths = {
      sluice: [from(`${folder}/index.${ending}`)],
      "sluice/testing": [from(`${folder}/testing/index.${ending}`)],
    };
    return { paths, typeRoots: [from("node_modules/@types")] };
  }
}
