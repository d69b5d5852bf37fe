import { readFileSync } from "node:fs";
import { Failure, UsageError } from "../base/failure.ts";
import { didYouMean } from "../base/suggest.ts";
import { openAiModel } from "./openai.ts";
import type { StructuredOutput } from "./openai.ts";
import { LOCAL_MODEL } from "./port.ts";
import type { ModelPort, ModelRequest, Usage } from "./port.ts";
import { costOf } from "./price.ts";
import type { Cost, PriceTable } from "./price.ts";

/** A provider as the config declares it. */
export interface ProviderConfig {
  kind?: "openai-compatible";
  /** Up to and without `/chat/completions`: `http://127.0.0.1:11434/v1`. */
  baseUrl: string;
  /** Environment variable of the key; `NAME_FILE` may name a file that holds it. */
  apiKeyEnv?: string;
  /** `"none"` for a server that takes no key. */
  apiKey?: "none";
  structuredOutput?: StructuredOutput;
  headers?: Readonly<Record<string, string>>;
  maxTokensField?: "max_tokens" | "max_completion_tokens";
  /** Whose list price holds for its models: a provider id of genai-prices, such as `openai`. */
  pricedAs?: string;
}

interface ModelsConfig {
  providers?: Readonly<Record<string, ProviderConfig>>;
  /** Taken by bare model names; `openai` unless set. */
  defaultProvider?: string;
  prices?: PriceTable;
}

/** A model by its two names. */
export interface ModelName {
  provider: string;
  model: string;
}

/** The in-context server, or whatever else serves `local/…`; started at its first call. */
interface LocalServer {
  url: string;
  close(): Promise<void>;
}

export interface ModelsOptions {
  config?: ModelsConfig;
  /** The environment to read keys from; `process.env` unless given. */
  env?: Readonly<Record<string, string | undefined>>;
  startLocal?: () => Promise<LocalServer>;
  /** Answers `scripted/…`. */
  scripted?: ModelPort;
}

/** Why a model cannot be called as things stand. A key belongs to the environment, everything else to the project. */
export interface ModelProblem {
  code: "unknown_provider" | "unknown_model" | "bad_url" | "no_api_key";
  message: string;
}

/** All the models a project can call. */
export interface Models extends ModelPort {
  /** `provider/model`, or a bare name of the default provider. Throws `UsageError` for an unknown provider. */
  resolve(name: string): ModelName;
  /** What stands in the way of calling this model, without calling it: an unknown provider, a missing key, a model that "local" does not have. Empty when nothing does. */
  problems(name: string): ModelProblem[];
  cost(name: ModelName, usage: Usage | null): Promise<Cost>;
  /** Where a model's answers come from, as text: with another one the same model may answer otherwise. */
  origin(name: ModelName): string;
  /** Stops what was started. */
  close(): Promise<void>;
}

const LOCAL = "local";
const SCRIPTED = "scripted";
const OPENAI_URL = "https://api.openai.com/v1";

export function openModels({ config = {}, env = process.env, startLocal, scripted }: ModelsOptions = {}): Models {
  const providers = knownProviders(config, env);
  const names = [...Object.keys(providers), ...(startLocal ? [LOCAL] : []), ...(scripted ? [SCRIPTED] : [])];
  const ports = new Map<string, ModelPort>();
  let local: Promise<LocalServer> | undefined;

  const resolve = (name: string): ModelName => resolveName(name, names, config.defaultProvider ?? "openai");
  const open = async (provider: string): Promise<ModelPort> => {
    if (provider === SCRIPTED && scripted !== undefined) return scripted;
    if (provider !== LOCAL || startLocal === undefined || Object.hasOwn(providers, LOCAL))
      return openProvider(provider, providers, names, env);
    local ??= startLocal();
    const started = await local.catch((error: unknown) => {
      local = undefined;
      throw error;
    });
    return localModel(started.url);
  };
  return {
    resolve,
    problems: (name) => problemsOf(name, resolve, providers, env),
    cost: ({ provider, model }, usage) =>
      costOf({ provider, model, usage, pricedAs: pricedAs(providers[provider]) }, config.prices),
    origin: ({ provider }) => originOf(providers, provider),
    async call(request: ModelRequest) {
      const port = ports.get(request.provider) ?? (await open(request.provider));
      ports.set(request.provider, port);
      return await port.call(request);
    },
    async close() {
      await (await local)?.close();
      local = undefined;
      ports.clear();
    },
  };
}

function originOf(providers: Providers, provider: string): string {
  const config = Object.hasOwn(providers, provider) ? providers[provider] : undefined;
  return config === undefined ? provider : `${config.baseUrl} ${config.structuredOutput ?? "json_schema"}`;
}

type Env = Readonly<Record<string, string | undefined>>;
type Providers = Readonly<Record<string, ProviderConfig>>;

function knownProviders(config: ModelsConfig, env: Env): Providers {
  const openai: ProviderConfig = { baseUrl: env["OPENAI_BASE_URL"] || OPENAI_URL, apiKeyEnv: "OPENAI_API_KEY" };
  return { openai, ...config.providers };
}

function resolveName(name: string, providers: readonly string[], fallback: string): ModelName {
  const slash = name.indexOf("/");
  const provider = slash === -1 ? fallback : name.slice(0, slash);
  const model = slash === -1 ? name : name.slice(slash + 1);
  if (model === "")
    throw new UsageError("no_model", `"${name}" names a provider but no model; write "${provider}/MODEL".`);
  if (!providers.includes(provider)) throw unknownProvider(name, provider, providers, fallback);
  return { provider, model };
}

function unknownProvider(name: string, provider: string, providers: readonly string[], fallback: string): UsageError {
  // Model names of some servers hold a slash themselves: meta-llama/Llama-3.
  const own = provider === fallback ? "" : ` A model whose own name holds a "/" is written "${fallback}/${name}".`;
  return new UsageError(
    "unknown_provider",
    `There is no provider "${provider}" (in "${name}"). ${didYouMean(provider, providers)}${own}`,
  );
}

function problemsOf(
  name: string,
  resolve: (name: string) => ModelName,
  providers: Providers,
  env: Env,
): ModelProblem[] {
  try {
    const { provider, model } = resolve(name);
    const config = providers[provider];
    if (config === undefined) return provider === LOCAL ? localProblems(model) : [];
    if (!URL.canParse(config.baseUrl)) return [{ code: "bad_url", message: badUrl(provider, config).message }];
    const key = readKey(config, env);
    return key.value === undefined
      ? [{ code: "no_api_key", message: missingKey(provider, config, key.tried).message }]
      : [];
  } catch (error) {
    if (error instanceof UsageError) return [{ code: "unknown_provider", message: error.message }];
    throw error;
  }
}

function localProblems(model: string): ModelProblem[] {
  if (model === LOCAL_MODEL) return [];
  const message =
    `There is no model "${model}" here: the provider "${LOCAL}" serves "${LOCAL}/${LOCAL_MODEL}" only. ` +
    `Name the model with its provider, as in "openai/${model}", or set another defaultProvider.`;
  return [{ code: "unknown_model", message }];
}

function openProvider(provider: string, providers: Providers, names: readonly string[], env: Env): ModelPort {
  const config = Object.hasOwn(providers, provider) ? providers[provider] : undefined;
  if (config === undefined)
    throw new Failure({
      class: "bug",
      code: "unknown_provider",
      message: `There is no provider "${provider}". ${didYouMean(provider, names)}`,
    });
  if (!URL.canParse(config.baseUrl)) throw badUrl(provider, config);
  const key = readKey(config, env);
  if (key.value === undefined) throw missingKey(provider, config, key.tried);
  return openAiModel({
    provider,
    baseUrl: config.baseUrl,
    apiKey: key.value,
    headers: config.headers ?? {},
    structuredOutput: config.structuredOutput ?? "json_schema",
    maxTokensField: config.maxTokensField ?? (isOpenAi(config) ? "max_completion_tokens" : "max_tokens"),
    wholeSchema: false,
    ...(config.apiKeyEnv === undefined ? {} : { keyVariable: config.apiKeyEnv }),
  });
}

function localModel(url: string): ModelPort {
  return openAiModel({
    provider: LOCAL,
    baseUrl: url,
    apiKey: null,
    headers: {},
    structuredOutput: "json_schema",
    maxTokensField: "max_tokens",
    wholeSchema: true,
  });
}

interface Key {
  /** The key; null where none is needed; undefined where it is missing. */
  value: string | null | undefined;
  /** The file that could not be read, if that is why. */
  tried?: string;
}

function readKey({ apiKey, apiKeyEnv }: ProviderConfig, env: Env): Key {
  if (apiKey === "none" || apiKeyEnv === undefined) return { value: null };
  const direct = env[apiKeyEnv];
  if (direct !== undefined && direct.trim() !== "") return { value: direct.trim() };
  const file = env[`${apiKeyEnv}_FILE`];
  if (file === undefined || file === "") return { value: undefined };
  try {
    const text = readFileSync(file, "utf8").trim();
    return text === "" ? { value: undefined, tried: file } : { value: text };
  } catch {
    return { value: undefined, tried: file };
  }
}

function missingKey(provider: string, { baseUrl, apiKeyEnv }: ProviderConfig, tried: string | undefined): Failure {
  const where = new URL(baseUrl).host;
  const why =
    tried === undefined ? `${apiKeyEnv} is not set` : `${apiKeyEnv}_FILE names ${tried}, which holds no readable key`;
  const fix = `Set ${apiKeyEnv} (or ${apiKeyEnv}_FILE), or declare the provider with apiKey: "none" if it takes no key.`;
  return new Failure({
    class: "bug",
    code: "no_api_key",
    message: `No key for provider "${provider}" (${where}): ${why}. ${fix}`,
  });
}

function badUrl(provider: string, { baseUrl }: ProviderConfig): Failure {
  const message = `The base URL of provider "${provider}" is not a URL: "${baseUrl}". Write it like "http://127.0.0.1:11434/v1".`;
  return new Failure({ class: "bug", code: "bad_base_url", message });
}

function isOpenAi({ baseUrl }: ProviderConfig): boolean {
  return new URL(baseUrl).hostname === "api.openai.com";
}

/** Another server may charge anything for a model of the same name, so only OpenAI's own address has OpenAI's price. */
function pricedAs(config: ProviderConfig | undefined): string | undefined {
  if (config === undefined) return undefined;
  return config.pricedAs ?? (URL.canParse(config.baseUrl) && isOpenAi(config) ? "openai" : undefined);
}
