/** A server whose webhooks are asked: for doors, where requests may wait for them. */
import { stringifyJson } from "../../kube/json/json.ts";
import { Attempt, type Call, type Reply, Unanswered } from "../outside.ts";
import type { Answer, Answering, Request } from "../request.ts";
import type { ApiServer } from "../server.ts";
import { internalError } from "../status.ts";

/** So often the world may change while webhooks are asked about it. */
const mostRounds = 50;

export function askingWebhooks(server: ApiServer): Answering {
  return {
    handle(request) {
      const attempt = new Attempt();
      const answer = answered(server, request, attempt);
      return answer instanceof Unanswered ? later(server, request, attempt, answer) : answer;
    },
  };
}

async function later(
  server: ApiServer,
  request: Request,
  attempt: Attempt,
  unanswered: Unanswered,
): Promise<Answer> {
  let answer: Answer | Unanswered = unanswered;
  for (let round = 0; answer instanceof Unanswered; round++) {
    if (round === mostRounds) {
      const { httpCode: code, status: body } = internalError(
        "what webhooks are asked about changes too fast",
      );
      return { code, body };
    }
    await Promise.all(answer.calls.map(async (call) => attempt.keep(call, await replyTo(call))));
    answer = answered(server, request, attempt);
  }
  return answer;
}

function answered(server: ApiServer, request: Request, attempt: Attempt): Answer | Unanswered {
  attempt.begin();
  try {
    return server.handle(request, attempt);
  } catch (error) {
    if (error instanceof Unanswered) return error;
    throw error;
  }
}

async function replyTo({ url, authority, body, seconds }: Call): Promise<Reply> {
  const address = `${url}?timeout=${seconds}s`;
  try {
    using client = Deno.createHttpClient(authority === undefined ? {} : { caCerts: [authority] });
    const response = await fetch(address, {
      client,
      method: "POST",
      body: stringifyJson(body),
      headers: { "content-type": "application/json", accept: "application/json, */*" },
      signal: AbortSignal.timeout(seconds * 1000),
    });
    return { code: response.status, text: await response.text() };
  } catch (error) {
    return { problem: `Post ${JSON.stringify(address)}: ${wordsOf(error, new URL(url))}` };
  }
}

/** Why a call failed, in the words of Go's client where we can tell. */
function wordsOf(error: unknown, { hostname, port }: URL): string {
  if ((error as Error).name === "TimeoutError") return "context deadline exceeded";
  const messages: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) messages.push(cause.message);
  const message = messages.join(": ");
  if (/connection refused/i.test(message)) {
    return `dial tcp ${hostname}:${port || 443}: connect: connection refused`;
  }
  if (/UnknownIssuer|certificate/i.test(message)) {
    return "tls: failed to verify certificate: x509: certificate signed by unknown authority";
  }
  return message;
}
