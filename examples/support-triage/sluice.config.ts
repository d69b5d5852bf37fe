import { defineConfig } from "sluice";

// `local/in-context` needs no key. For a model elsewhere: `defaultProvider: "openai"`, OPENAI_BASE_URL and OPENAI_API_KEY in
// the environment, and a prompt version whose `model` names it.
export default defineConfig({
  defaultProvider: "local",
});
