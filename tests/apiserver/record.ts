/**
 * Holds all conversations with the real API server and keeps its answers: `deno task apiserver:record`, with `--alone` only
 * those that no controller takes part in, which is quicker; with names only those. Ends with 1 where the server words a
 * refusal in more than one way: a recorded answer that comes only sometimes fails the suite only sometimes.
 */
import assert from "node:assert/strict";
import { Normaliser, type Send } from "./conversation.ts";
import { answersAlone, realAnswers } from "./real_answers.ts";
import { recordingFile } from "./recording.ts";

/** So often a refused request is sent again. The original walks maps from a random key on, one of eight or more. */
const repetitions = 30;

/** Sends a refused request again, which changes nothing, and tells of an answer that differs. */
function repeatingRefusals(send: Send, tell: (difference: string) => void): Send {
  return async (request) => {
    const answer = await send(request);
    if (answer.code < 400 || request.lines !== undefined) return answer;
    const first = new Normaliser().normal(answer.body);
    for (let i = 0; i < repetitions; i++) {
      const again = await send(request);
      if (again.code !== answer.code) break; // The server was not ready yet.
      try {
        assert.deepEqual(new Normaliser().normal(again.body), first);
      } catch (error) {
        tell(`${request.method} ${request.path}\n${request.body}\n${(error as Error).message}`);
        break;
      }
    }
    return answer;
  };
}

if (import.meta.main) {
  const names = Deno.args.filter((arg) => !arg.startsWith("--"));
  const answersOf = Deno.args.includes("--alone") ? answersAlone : realAnswers;
  const differences: string[] = [];
  const between = (send: Send) => repeatingRefusals(send, (difference) => differences.push(difference));
  for await (const { conversation, answers } of answersOf(names, between)) {
    const text = answers.map((answer) => JSON.stringify(answer)).join("\n") + "\n";
    await Deno.writeTextFile(recordingFile(conversation), text);
    console.log(`${conversation.name}: ${answers.length} answers`);
  }
  for (const difference of differences) console.error(`answered in more than one way: ${difference}\n`);
  if (differences.length > 0) Deno.exit(1);
}
