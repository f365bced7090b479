/** Many downloads that begin at the same time, and a hub that does not take so many requests. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { download } from "../../lib/download/download.ts";
import { settingsFrom } from "../../lib/download/settings.ts";
import { content, noise } from "./content.ts";
import { Hub, type Repository } from "./hub.ts";
import { filesBelow, filesOf } from "./volume_files.ts";

const most = 20;

Deno.test("50 downloads of 50 models: all finish, and a second after the last began the hub is asked 20 times a second at most", async () => {
  const names = Array.from({ length: 50 }, (_, i) => `org/model-${i}`);
  const repositories: Record<string, Repository> = Object.fromEntries(names.map((name, i) => [name, {
    files: { "config.json": content(`{"n":${i}}`), "model.safetensors": content(noise(200_000, i + 1)) },
  }]));
  const times: number[] = [];
  let allBegan = 0;
  let refused = 0;
  await using hub = new Hub({
    repositories,
    fault: (asked) => {
      if (asked.kind === "storage") return undefined;
      const now = performance.now();
      times.push(now);
      if (asked.kind === "info" && asked.number === 1) allBegan = now;
      if (times.filter((time) => time > now - 1000).length <= most) return undefined;
      refused++;
      return new Response("too many", { status: 429, headers: { "retry-after": "1" } });
    },
  });
  const folder = await Deno.makeTempDir();
  const env: Record<string, string> = { HF_ENDPOINT: hub.endpoint, AIM_DOWNLOADER_PROTOCOL: "HF_TRANSFER" };
  await Promise.all(names.map((name, i) =>
    download(`hf://${name}`, {
      settings: { ...settingsFrom((variable) => env[variable]), targetFolder: join(folder, String(i)) },
      log: () => {},
      report: () => {},
    })
  ));
  for (const [i, name] of names.entries()) {
    assert.deepEqual(await filesBelow(join(folder, String(i))), filesOf(repositories[name].files));
  }
  await Deno.remove(folder, { recursive: true });
  assert.ok(refused > 0, "the hub was asked too much in the first second");
  const busiest = Math.max(
    ...times.filter((time) => time > allBegan + 1000).map((time) =>
      times.filter((other) => other >= time && other < time + 1000).length
    ),
  );
  assert.ok(busiest <= most, `${busiest} requests within a second`);
});
