/**
 * The API server in memory against the real one: random conversations (`random_conversations.ts`) are held with both, and
 * each answer must be the same. What is found becomes a row of the written conversations.
 */
import assert from "node:assert/strict";
import { openHttpDoor } from "../../lib/apiserver/doors/http.ts";
import { ApiServer } from "../../lib/apiserver/server.ts";
import { startControlPlane } from "../control_plane/control_plane.ts";
import { canonicalQuantity, isQuantity } from "../../lib/api/values/quantity.ts";
import { isObject } from "../../lib/apiserver/json.ts";
import { type Answer, hold, type Send } from "./conversation.ts";
import { httpSend } from "./http_send.ts";
import { conversationOf, draw, type Drawn } from "./random_conversations.ts";
import { clientOf, define } from "./real_answers.ts";

/** The same each time, so that a run says something of a change; `nightly` draws others. */
const seed = Number(Deno.env.get("SEED") ?? 1);
const count = Number(Deno.env.get("CONVERSATIONS") ?? 250);
const longest = 14;
/** So many are held at once. */
const beside = 10;

interface Difference {
  readonly drawn: Drawn;
  readonly request: string;
  readonly real: Answer;
  readonly ours: Answer;
}

/**
 * An answer as text. It makes no difference how often one fault is named, how the size of a claim is written, and whether
 * the last labels that an apply took away are told as null, as they are of what goes with it.
 */
function comparable({ body, ...answer }: Answer): string {
  return JSON.stringify({ ...answer, body: plain(body) });
}

const mayBeNull = new Set(["labels", "annotations", "finalizers"]);

/** @param of the key of which it is the value */
function plain(value: unknown, of = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (!isObject(value)) return value;
  const said = Object.entries(value)
    .filter(([key, item]) => item !== null || of !== "metadata" || !mayBeNull.has(key));
  return Object.fromEntries(said.map(([key, item]) => {
    if (key === "storage" && isQuantity(item)) return [key, canonicalQuantity(item)];
    if (key === "causes" && Array.isArray(item)) {
      return [key, [...new Set(item.map((each) => JSON.stringify(each)))]];
    }
    return [key, key === "message" && /\[\d+ causes\]$/.test(String(item)) ? "" : plain(item, key)];
  }));
}

/** Gives each conversation a namespace of its own. */
class Comparison {
  #made = 0;

  constructor(private readonly real: Send, private readonly ours: Send) {}

  /** The first answer that is not the same. */
  async differenceIn(drawn: Drawn): Promise<Difference | undefined> {
    const conversation = conversationOf(drawn, `drawn-${this.#made++}`);
    const [real, ours] = await Promise.all([this.real, this.ours].map((send) => hold(conversation, send)));
    const at = real.findIndex((answer, i) => comparable(answer) !== comparable(ours[i]));
    if (at < 0) return undefined;
    return { drawn, request: conversation.rows[at].request, real: real[at], ours: ours[at] };
  }

  /** The same difference, or another one, in as few rows as leaving out single ones leads to. */
  async shortened(found: Difference): Promise<Difference> {
    let shortest = found;
    for (let i = found.drawn.rows.length - 1; i >= 0; i--) {
      const rows = shortest.drawn.rows.toSpliced(i, 1);
      shortest = await this.differenceIn({ ...shortest.drawn, rows }) ?? shortest;
    }
    return shortest;
  }
}

function shown({ drawn, request, real, ours }: Difference): string {
  return [
    ...drawn.rows.map(({ request, body }) => `  ${request} ${JSON.stringify(body) ?? ""}`),
    `at ${request}`,
    `real: ${JSON.stringify(real)}`,
    `ours: ${JSON.stringify(ours)}`,
  ].join("\n");
}

Deno.test(`random conversations with the real API server and ours (SEED=${seed}, CONVERSATIONS=${count})`, async () => {
  await using plane = await startControlPlane();
  const door = await openHttpDoor(new ApiServer());
  using client = Deno.createHttpClient({ caCerts: [door.authority], http2: false });
  const { send: real, close } = clientOf(plane);
  try {
    const ours = httpSend(door.url, client, { authorization: `Bearer ${door.token}` });
    await Promise.all([define(real), define(ours)]);
    const comparison = new Comparison(real, ours);
    const found: Difference[] = [];
    const waiting = draw(seed, count, longest);
    await Promise.all(Array.from({ length: beside }, async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const difference = await comparison.differenceIn(next);
        if (difference !== undefined) found.push(difference);
      }
    }));
    const shortest = await Promise.all(found.slice(0, 5).map((each) => comparison.shortened(each)));
    assert.equal(
      found.length,
      0,
      `${found.length} of ${count} conversations differ; the first ones:\n${
        shortest.map(shown).join("\n\n")
      }`,
    );
  } finally {
    close();
    await door.close();
  }
});
