import assert from "node:assert/strict";
import { Connection } from "./connection.ts";

/** A client that only says what it is. */
class Client implements Deno.HttpClient {
  isClosed = false;
  constructor(readonly protocol: "HTTP/2" | "HTTP/1.1") {}
  close(): void {
    assert.ok(!this.isClosed, "closed twice");
    this.isClosed = true;
  }
  [Symbol.dispose](): void {}
}

/** Does `work` with a connection, the clients that it opens, and a clock that it sets (milliseconds). */
function withConnection(
  work: (connection: Connection, clients: Client[], clock: { now: number }) => void,
): void {
  const clients: Client[] = [];
  const clock = { now: 0 };
  const before = performance.now;
  performance.now = () => clock.now;
  try {
    const open = ({ http2 = true }: Deno.CreateHttpClientOptions) => {
      const client = new Client(http2 ? "HTTP/2" : "HTTP/1.1");
      clients.push(client);
      return client;
    };
    work(new Connection(open, {}, []), clients, clock);
  } finally {
    performance.now = before;
  }
}

const [short, long] = [1_000, 1_001];
const protocolOf = ({ client }: { client: Deno.HttpClient }) => (client as Client).protocol;

Deno.test("long bodies go by HTTP/1.1 once something has come by HTTP/2, and for five seconds after it", () =>
  withConnection((connection, _, clock) => {
    const first = connection.wayFor(long);
    assert.equal(protocolOf(first), "HTTP/2");
    first.heard();
    assert.equal(protocolOf(connection.wayFor(short)), "HTTP/2");
    const next = connection.wayFor(long);
    assert.equal(protocolOf(next), "HTTP/1.1");
    clock.now = 4_999;
    assert.equal(protocolOf(connection.wayFor(long)), "HTTP/1.1");
    next.heard(); // says nothing of HTTP/2
    clock.now = 5_000;
    assert.equal(protocolOf(connection.wayFor(long)), "HTTP/2");
    assert.equal(connection.heardAt, 0);
  }));

Deno.test("sixteen go by HTTP/1.1 at once, the others by HTTP/2", () =>
  withConnection((connection) => {
    connection.wayFor(short).heard();
    const ways = Array.from({ length: 17 }, () => connection.wayFor(long));
    assert.deepEqual(ways.map(protocolOf), [...Array(16).fill("HTTP/1.1"), "HTTP/2"]);
    ways[3].left();
    assert.deepEqual([protocolOf(connection.wayFor(long)), protocolOf(connection.wayFor(long))], [
      "HTTP/1.1",
      "HTTP/2",
    ]);
  }));

Deno.test("after a time-out all connections of HTTP/1.1 are given up, once", () =>
  withConnection((connection, clients) => {
    connection.wayFor(short).heard();
    const [one, other] = [connection.wayFor(long), connection.wayFor(long)];
    one.timedOut();
    other.timedOut();
    assert.deepEqual(clients.map(({ isClosed }) => isClosed), [false, true, false]);
    assert.equal(connection.wayFor(long).client, clients[2]);
  }));

Deno.test("closed, it lets go of both, and opens nothing more", () =>
  withConnection((connection, clients) => {
    connection.wayFor(short).heard();
    const way = connection.wayFor(long);
    connection.close();
    way.timedOut();
    assert.deepEqual(clients.map(({ isClosed }) => isClosed), [true, true]);
  }));
