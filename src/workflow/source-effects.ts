import type { AnyNode } from "acorn";
import type { FileProblem } from "../base/failure.ts";
import type { OtherCall, WorkflowBody } from "./source-body.ts";
import { declarationOf, lineOf, placeOf, textOf, walk } from "./source.ts";
import type { Source } from "./source.ts";

/** Mistakes that lie in what a workflow's code does beside its verbs. `sources`: its file first, then what it imports. */
export function effectMistakes(
  body: WorkflowBody,
  sources: readonly Source[],
  toolNames: ReadonlySet<string>,
): FileProblem[] {
  return [
    ...body.others.flatMap((call) => [...sideEffect(call), ...directTool(call, toolNames), ...uncheckedText(call)]),
    ...sources.flatMap(hiddenModels),
    ...sources.filter((source) => !isToolFile(source)).flatMap(hiddenPrompts),
  ];
}

/** Global calls that give another answer on every resume, or act on the world, and the verb to use instead. */
const GLOBALS: Readonly<Record<string, string>> = {
  fetch: "ctx.tool() or ctx.run()",
  "Date.now": "ctx.now()",
  Date: "new Date(ctx.now())",
  "Math.random": "ctx.random()",
  "performance.now": "ctx.now()",
  "process.hrtime": "ctx.now()",
  "process.hrtime.bigint": "ctx.now()",
  "crypto.randomUUID": "ctx.run()",
  "crypto.getRandomValues": "ctx.run()",
  setTimeout: "ctx.sleep()",
  setInterval: "ctx.sleep()",
  setImmediate: "ctx.sleep()",
  WebSocket: "ctx.tool() or ctx.run()",
  EventSource: "ctx.tool() or ctx.run()",
  XMLHttpRequest: "ctx.tool() or ctx.run()",
  "Temporal.Now.instant": "ctx.now()",
  "Temporal.Now.zonedDateTimeISO": "ctx.now()",
  "Temporal.Now.plainDateISO": "ctx.now()",
};

const EFFECTFUL =
  /^(node:)?(fs|http|https|http2|net|tls|dgram|dns|child_process|worker_threads|timers|sqlite)(\/promises)?$|^(axios|got|undici|node-fetch|ky|superagent|pg|mysql2?|redis|ioredis|mongodb|mongoose|nodemailer|stripe|twilio|uuid|nanoid)(\/.*)?$|^(@aws-sdk|@slack|@prisma|@sendgrid|@octokit)\//;
const RANDOM = /^(random|generate|getRandom)/;

function sideEffect({ node, source, inStep }: OtherCall): FileProblem[] {
  if (inStep) return [];
  const name = calleeName(node.callee);
  if (name === undefined) return [];
  if (name.startsWith("console."))
    return [
      problem(
        source,
        node,
        "console_in_workflow",
        `${name}() prints again on every resume.`,
        "Use ctx.log(…): it is written once, with the run.",
        "warning",
      ),
    ];
  const verb = globalVerb(source, node, name) ?? importedEffect(source, name);
  if (verb === undefined) return [];
  const written = node.type === "NewExpression" ? `new ${name}()` : `${name}()`;
  return [
    problem(
      source,
      node,
      "side_effect_outside_step",
      `${written} outside a step happens again, and may differ, on every resume.`,
      `Use ${verb}.`,
    ),
  ];
}

function globalVerb(source: Source, node: OtherCall["node"], name: string): string | undefined {
  const plain = name.replace(/^globalThis\./, "");
  if (!Object.hasOwn(GLOBALS, plain)) return undefined;
  if (plain === "Date" && node.arguments.length > 0 && node.type === "NewExpression") return undefined;
  const root = plain.split(".")[0] as string;
  const own = declarationOf(source, root) !== undefined || importOf(source, root) !== undefined;
  return own ? undefined : GLOBALS[plain];
}

/** Calls of what an effectful package exports, or of something made with it at the top of the file. */
function importedEffect(source: Source, name: string): string | undefined {
  const [root = "", ...path] = name.split(".");
  const imported = importOf(source, root);
  if (imported !== undefined) {
    const member =
      imported.imported === "*" || imported.imported === "default" ? (path.at(-1) ?? "") : imported.imported;
    if (/^(node:)?crypto$/.test(imported.specifier)) return RANDOM.test(member) ? "ctx.run()" : undefined;
    return EFFECTFUL.test(imported.specifier) ? "ctx.tool() or ctx.run()" : undefined;
  }
  const made = declarationOf(source, root);
  if (made?.type !== "NewExpression" && made?.type !== "CallExpression") return undefined;
  const maker = calleeName(made.callee);
  return maker === undefined || maker.split(".")[0] === root ? undefined : importedEffect(source, maker);
}

function importOf(source: Source, local: string): { specifier: string; imported: string } | undefined {
  for (const { specifier, names } of source.imports) {
    const found = names.find((name) => name.local === local);
    if (found !== undefined) return { specifier, imported: found.imported };
  }
  return undefined;
}

/** `a.b.c` as text; undefined for anything but names joined by dots. */
function calleeName(node: AnyNode): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type === "ChainExpression" || node.type === "ParenthesizedExpression") return calleeName(node.expression);
  if (node.type !== "MemberExpression" || node.computed || node.property.type !== "Identifier") return undefined;
  const object = calleeName(node.object);
  return object === undefined ? undefined : `${object}.${node.property.name}`;
}

function directTool({ node, source, inStep }: OtherCall, toolNames: ReadonlySet<string>): FileProblem[] {
  const [root, method, ...others] = calleeName(node.callee)?.split(".") ?? [];
  if (root === undefined || method !== "run" || others.length > 0 || !toolNames.has(root)) return [];
  const where = inStep ? "within another step" : "directly";
  return [
    problem(
      source,
      node,
      "tool_called_directly",
      `The tool ${root} is called ${where}: past its guard, its record and the stage.`,
      `Use ctx.tool("…", ${root}, { … }).`,
    ),
  ];
}

function uncheckedText({ node, source }: OtherCall): FileProblem[] {
  if (calleeName(node.callee) !== "JSON.parse") return [];
  return [
    problem(
      source,
      node,
      "unvalidated_output",
      "What JSON.parse gives here is used without validation.",
      "Let a prompt's output_schema or a tool's result schema check it: what ctx.prompt and ctx.tool give is parsed and proven.",
      "warning",
    ),
  ];
}

const MODEL_PACKAGES =
  /^(openai|ai|ollama|replicate|cohere-ai|groq-sdk|together-ai|langchain|llamaindex|@ai-sdk\/.*|@anthropic-ai\/.*|@google\/(genai|generative-ai)|@google-cloud\/vertexai|@mistralai\/.*|@langchain\/.*|@huggingface\/inference|@azure\/openai|@azure-rest\/ai-inference|@aws-sdk\/client-bedrock-runtime|@openrouter\/.*)(\/.*)?$/;
const MODEL_ADDRESS =
  /\/chat\/completions|\/v1\/(messages|responses|completions)\b|:generateContent|api\.(openai|anthropic|mistral|cohere|groq|deepseek)\.(com|ai)|generativelanguage\.googleapis/;

function hiddenModels(source: Source): FileProblem[] {
  const found = source.imports
    .filter(({ specifier }) => MODEL_PACKAGES.test(specifier))
    .map(({ specifier, line }) => ({ line, what: `"${specifier}" is imported` }));
  walk(source.program, (node) => {
    const address = literalText(node);
    if (address !== undefined && MODEL_ADDRESS.test(address))
      found.push({ line: lineOf(node), what: "A model's address is written" });
  });
  const inTool = isToolFile(source);
  return found.map(({ line, what }) => ({
    file: source.file,
    line,
    code: "hidden_model_call",
    message: `${what} here: a direct model call, hidden in ${inTool ? "a tool" : "workflow code"}, has no version, no validation, no evals and no way back.`,
    fix: "Put the prompt into prompts/NAME/VERSION.yaml and call it with ctx.prompt.",
    severity: inTool ? "warning" : "error",
  }));
}

const INSTRUCTION =
  /^\s*(you are (an?|the|my)\b|act as (an?|the)\b|your (task|job) is\b|(classify|summari[sz]e|extract|translate|rewrite) the (following|text|email|ticket|message)\b)/i;

function hiddenPrompts(source: Source): FileProblem[] {
  const found: FileProblem[] = [];
  walk(source.program, (node) => {
    const text = literalText(node);
    if (text === undefined || text.length < 40 || !INSTRUCTION.test(text)) return;
    found.push(
      problem(
        source,
        node,
        "hidden_prompt",
        "This text reads like a prompt hidden in workflow code.",
        "Put it into prompts/NAME/VERSION.yaml, where it has a version, a schema and evals.",
        "warning",
      ),
    );
  });
  return found;
}

/** Of a template, the text up to its first expression, and what follows each. */
function literalText(node: AnyNode): string | undefined {
  if (node.type === "TemplateLiteral") return node.quasis.map(({ value }) => value.cooked ?? "").join(" ");
  return textOf(node);
}

function isToolFile({ file }: Source): boolean {
  return /^tools[/\\]/.test(file);
}

function problem(
  source: Source,
  node: AnyNode,
  code: string,
  message: string,
  fix: string,
  severity: FileProblem["severity"] = "error",
): FileProblem {
  return { file: source.file, ...placeOf(node), code, message, fix, severity };
}
