/** Scrapes a port of loopback fifty times a second, and takes each answer slowly: 16 KiB every tenth of a second. */

const port = Number(Deno.args[0]);
const request = new TextEncoder().encode(
  "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
);

async function scrape(): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(request);
  const chunk = new Uint8Array(16 * 1024);
  while (await connection.read(chunk) !== null) await new Promise((resolve) => setTimeout(resolve, 100));
}

setInterval(() => scrape().catch(() => {}), 20);
