/** Holds all conversations with the real API server and keeps its answers: `deno task apiserver:record`. */
import { realAnswers } from "./real_answers.ts";
import { recordingFile } from "./recording.ts";

if (import.meta.main) {
  for await (const { conversation, answers } of realAnswers()) {
    const text = answers.map((answer) => JSON.stringify(answer)).join("\n") + "\n";
    await Deno.writeTextFile(recordingFile(conversation), text);
    console.log(`${conversation.name}: ${answers.length} answers`);
  }
}
