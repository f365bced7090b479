/**
 * Holds all conversations with the real API server and keeps its answers: `deno task apiserver:record`, with `--alone` only
 * those that no controller takes part in, which is quicker.
 */
import { answersAlone, realAnswers } from "./real_answers.ts";
import { recordingFile } from "./recording.ts";

if (import.meta.main) {
  for await (
    const { conversation, answers } of Deno.args.includes("--alone") ? answersAlone() : realAnswers()
  ) {
    const text = answers.map((answer) => JSON.stringify(answer)).join("\n") + "\n";
    await Deno.writeTextFile(recordingFile(conversation), text);
    console.log(`${conversation.name}: ${answers.length} answers`);
  }
}
