/** Sends the requests of a conversation over HTTP. */
import type { RawAnswer, Send, SentRequest } from "./conversation.ts";

/** @param base address of the server, without a slash at its end */
export function httpSend(base: string, client: Deno.HttpClient, headers: Record<string, string> = {}): Send {
  return async ({ method, path, body, type, accept, who, lines }: SentRequest): Promise<RawAnswer> => {
    const said = new Headers({ ...headers, accept: accept ?? "application/json" });
    if (body !== undefined) said.set("content-type", type ?? "application/json");
    if (who !== undefined) said.set("impersonate-user", who.user);
    for (const group of who?.groups ?? []) said.append("impersonate-group", group);
    const response = await fetch(base + path, {
      method,
      body,
      client,
      signal: AbortSignal.timeout(20_000), // a stream where none is meant would never end
      headers: said,
    });
    const warnings = (response.headers.get("warning") ?? "").match(/(?<=299 - ")(?:[^"\\]|\\.)*(?=")/g) ?? [];
    const answer = { code: response.status, warnings: warnings.map((text) => text.replaceAll('\\"', '"')) };
    if (lines !== undefined && response.ok) return { ...answer, body: await firstLines(response, lines) };
    return { ...answer, body: parsed(await response.text()) };
  };
}

async function firstLines(response: Response, count: number): Promise<unknown[]> {
  const lines: unknown[] = [];
  let rest = "";
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return lines;
    rest += value;
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      lines.push(JSON.parse(rest.slice(0, end)));
      rest = rest.slice(end + 1);
      if (lines.length < count) continue;
      await reader.cancel().catch(() => {}); // the stream may have ended by itself
      return lines;
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
