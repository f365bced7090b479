/**
 * A stand-in for an API server whose kubelets do not answer. As the real one it lets a hundred requests be under way on
 * a connection. It runs in Node: Deno's own HTTP/2 server does not announce such a limit.
 *
 * Arguments: the files of certificate and key. It prints its port; then, for each line of input, how many logs are
 * being read, how many were at once at most, and how many connections there are.
 */

import { readFileSync } from "node:fs";
import { createSecureServer } from "node:http2";

const [cert, key] = process.argv.slice(2).map((file) => readFileSync(file));
const server = createSecureServer({ cert, key, settings: { maxConcurrentStreams: 100 } });
let [logs, most, connections] = [0, 0, 0];

server.on("session", (session) => {
  connections++;
  session.on("error", () => {}); // the client went away
  session.on("close", () => connections--);
});
server.on("stream", (stream, headers) => {
  stream.on("error", () => {}); // the client gave it up
  const path = headers[":path"];
  if (path.includes("/log?")) {
    most = Math.max(most, ++logs);
    stream.on("close", () => logs--);
    return;
  }
  const answer = (status, body) => {
    stream.respond({ ":status": status, "content-type": "application/json" });
    stream.end(JSON.stringify(body));
  };
  if (path.includes("watch=true")) return stream.respond({ ":status": 200 });
  if (!path.includes("/leases")) return answer(200, {});
  if (headers[":method"] === "GET") return answer(404, {});
  const body = [];
  stream.on("data", (bytes) => body.push(bytes));
  stream.on("end", () => {
    const lease = JSON.parse(Buffer.concat(body));
    answer(200, { ...lease, metadata: { ...lease.metadata, uid: "u", resourceVersion: "1" } });
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("data", () => console.log(JSON.stringify({ logs, most, connections })));
process.stdin.on("end", () => process.exit());
