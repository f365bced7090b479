/**
 * The bench of the downloader (`deno task bench:download`): the same bytes from the same server on loopback, by ours, by curl with as
 * many ranges at a time, by huggingface_hub, hf_xet and the AWS command line. Ours verifies and waits for the disk, the others do not.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { content, noise } from "../download/content.ts";
import { Hub } from "../download/hub.ts";
import { programCommand } from "../download/program.ts";
import { output, pythonPrograms } from "../download/python.ts";
import { S3Server } from "../download/s3_server.ts";
import { XetStorage } from "../download/xet_storage.ts";

const { values } = parseArgs({
  options: { mebibytes: { type: "string", default: "1024" }, json: { type: "boolean", default: false } },
});
const size = Number(values.mebibytes) * 2 ** 20;
/** Ranges that ours has under way at most: its memory holds so many. */
const ranges = 8;

const bin = await pythonPrograms();
const python = join(bin, "python");

interface Measured {
  readonly what: string;
  readonly megabytesPerSecond: number;
  readonly cpuSecondsPerGigabyte: number;
  readonly peakMegabytes: number;
}

/** Runs a command and says how long it took, and its CPU and memory, children included. */
const watch = `
import json, resource, subprocess, sys, time
began = time.time()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
if done.returncode: sys.exit(done.stderr.decode()[-2000:])
print(json.dumps([time.time() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000 * 1.024]))
`;

async function measure(
  what: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Measured> {
  const [seconds, cpu, peak] = JSON.parse(await output(python, ["-c", watch, ...command], env)) as number[];
  return {
    what,
    megabytesPerSecond: Math.round(size / 1e6 / seconds),
    cpuSecondsPerGigabyte: Math.round(cpu / (size / 1e9) * 100) / 100,
    peakMegabytes: Math.round(peak),
  };
}

const folder = await Deno.makeTempDir();
let runs = 0;
/** A folder of its own for each run. */
const fresh = () => join(folder, `run-${++runs}`);
const ours = (uri: string, env: Record<string, string>, what: string) => {
  const started = programCommand({ args: [uri], folder: fresh(), env });
  return measure(what, [started.program, ...started.args], started.env);
};
const snapshot =
  "import sys; from huggingface_hub import snapshot_download; snapshot_download('org/model', local_dir=sys.argv[1])";

try {
  const file = content(noise(size, 1));
  const upload = join(folder, "model.safetensors");
  await Deno.writeFile(upload, file.read(0, size));
  await using xetStorage = new XetStorage();
  const script = "import sys, hf_xet, time; " +
    "print(hf_xet.upload_files(sys.argv[2:], sys.argv[1], ('t', int(time.time()) + 3600), None, None, 'model')[0].hash)";
  const hash = (await output(python, ["-c", script, xetStorage.url, upload], { HOME: folder })).trim();
  const repositories = {
    "org/model": { files: { "model.safetensors": file }, xet: { "model.safetensors": hash } },
  };
  await using hub = new Hub({ repositories, xetStorage: xetStorage.url });
  const hf = { HF_ENDPOINT: hub.endpoint };
  const theirs = { ...hf, HOME: folder, HF_HUB_DISABLE_TELEMETRY: "1" };
  const url = `${hub.endpoint}/org/model/resolve/${hub.commitOf("org/model")}/model.safetensors`;
  const part = size / ranges;
  const curls = Array.from(
    { length: ranges },
    (_, i) => `curl -sfL -r ${i * part}-${(i + 1) * part - 1} -o ${folder}/part-${i} '${url}' &`,
  ).join(" ");

  const table = [
    await ours("hf://org/model", { ...hf, AIM_DOWNLOADER_PROTOCOL: "HF_TRANSFER" }, "HTTP: ours, verified"),
    await measure(`HTTP: curl, ${ranges} ranges`, ["sh", "-c", `${curls} wait`], {}),
    await measure("HTTP: huggingface_hub", [python, "-c", snapshot, fresh()], {
      ...theirs,
      HF_HUB_DISABLE_XET: "1",
    }),
    await ours("hf://org/model", { ...hf, AIM_DOWNLOADER_PROTOCOL: "XET" }, "XET: ours, verified"),
    await measure("XET: hf_xet", [python, "-c", snapshot, fresh()], theirs),
  ];
  await using s3 = await S3Server.start();
  await s3.aws("s3", "mb", "s3://models");
  await s3.aws("s3", "cp", "--quiet", upload, "s3://models/x/model.safetensors");
  table.push(
    await ours("s3://models/x", s3.env, "S3: ours, verified"),
    await measure("S3: aws s3 cp", [
      join(bin, "aws"),
      "s3",
      "cp",
      "--recursive",
      "--quiet",
      "s3://models/x",
      fresh(),
    ], s3.env),
  );
  if (values.json) console.log(JSON.stringify(table));
  else console.table(table);
} finally {
  await Deno.remove(folder, { recursive: true });
}
