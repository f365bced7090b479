/** Where the real API server's answers are kept: one file a conversation, one line an answer. */
import { fileURLToPath } from "node:url";
import type { Answer, Conversation } from "./conversation.ts";

export function recordingFile({ name }: Conversation): string {
  return fileURLToPath(new URL(`recorded/${name}.jsonl`, import.meta.url));
}

export async function recorded(conversation: Conversation): Promise<Answer[]> {
  const text = await Deno.readTextFile(recordingFile(conversation));
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}
