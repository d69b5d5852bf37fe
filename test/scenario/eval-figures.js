// Figures of an eval, computed apart from Sluice: `node eval-figures.js CASES.jsonl ANSWERS.json`. ANSWERS: by case id what the model wrote.
import { readFileSync } from "node:fs";

const [casesFile, answersFile] = process.argv.slice(2);
const cases = readFileSync(casesFile, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));
const answers = JSON.parse(readFileSync(answersFile, "utf8"));

const escalation = ({ category, urgency }) => category === "billing" && urgency === "high";
let [category, urgency, json, positives, found] = [0, 0, 0, 0, 0];
for (const { id, expected } of cases) {
  const text = answers[id];
  let answer = null;
  try {
    answer = JSON.parse(text);
    json++;
  } catch {
    answer = null;
  }
  if (answer?.category === expected.category) category++;
  if (answer?.urgency === expected.urgency) urgency++;
  if (!escalation(expected)) continue;
  positives++;
  if (answer !== null && escalation(answer)) found++;
}
const n = cases.length;
process.stdout.write(
  JSON.stringify({
    "Category accuracy": category / n,
    "Urgency accuracy": urgency / n,
    "Valid JSON rate": json / n,
    "Billing escalation recall": found / positives,
  }),
);
