/** What kubectl printed with the real API server: one line of JSON a command. */
import { commands } from "./commands.ts";

const file = new URL("../recorded/kubectl.jsonl", import.meta.url);

export async function keep(printed: readonly string[]): Promise<void> {
  const lines = commands.map(({ typed }, i) => JSON.stringify({ typed, printed: printed[i] }));
  await Deno.writeTextFile(file, `${lines.join("\n")}\n`);
}

export async function kept(): Promise<{ readonly typed: string; readonly printed: string }[]> {
  return (await Deno.readTextFile(file)).trimEnd().split("\n").map((line) => JSON.parse(line));
}
