/**
 * Holds all conversations with the real API server and keeps its answers: `deno task apiserver:record`, with `--alone` only
 * those that no controller takes part in, which is quicker; with names only those.
 */
import { answersAlone, realAnswers } from "./real_answers.ts";
import { recordingFile } from "./recording.ts";

if (import.meta.main) {
  const names = Deno.args.filter((arg) => !arg.startsWith("--"));
  const alone = Deno.args.includes("--alone");
  for await (const { conversation, answers } of alone ? answersAlone(names) : realAnswers(names)) {
    const text = answers.map((answer) => JSON.stringify(answer)).join("\n") + "\n";
    await Deno.writeTextFile(recordingFile(conversation), text);
    console.log(`${conversation.name}: ${answers.length} answers`);
  }
}
