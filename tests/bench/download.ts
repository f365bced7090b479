/**
 * The bench of the downloader (`deno task bench:download`): the same bytes from the same servers on loopback, by ours and by the tools
 * that people use, one after the other, the best of some runs. Server and client share the machine's cores, so CPU seconds a GB tell
 * more than MB a second do: they hold on any machine.
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Content } from "../download/content.ts";
import { Hub } from "../download/hub.ts";
import { programCommand } from "../download/program.ts";
import { output, pythonPrograms } from "../download/python.ts";
import { S3Server } from "../download/s3_server.ts";
import { XetStorage } from "../download/xet_storage.ts";

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "2" },
    runs: { type: "string", default: "2" },
    json: { type: "boolean", default: false },
  },
});
const mebi = 2 ** 20;
/** Random bytes; asked for in GiB, and taken as what curl's ranges divide. */
const size = Math.max(1, Math.round(Number(values.size) * 128)) * 8 * mebi;
/** The XET storage is ours, and keeps everything in memory. */
const xetSize = Math.min(size, 1024 * mebi);
/** Requests that curl has under way, and ours begins with. */
const ranges = 8;

const bin = await pythonPrograms();
const python = join(bin, "python");
const folder = await Deno.makeTempDir();

type Env = Readonly<Record<string, string>>;

interface Row {
  readonly what: string;
  readonly command: () => {
    readonly command: readonly string[];
    readonly env: Env;
  };
  readonly bytes: number;
  /** Processes at a time that are alike. */
  readonly processes?: number;
}

/** Runs a command and says how long it took, its CPU, children included, and the most memory that one process had. */
const watch = `
import json, resource, subprocess, sys, time
began = time.time()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
if done.returncode: sys.exit(done.stderr.decode()[-2000:])
print(json.dumps([time.time() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000 * 1.024]))
`;

let runs = 0;
/** A folder of its own for each run. */
const fresh = () => join(folder, `run-${++runs}`);

interface Measured {
  readonly seconds: number;
  readonly cpu: number;
  readonly peak: number;
}

async function measure({ command }: Row): Promise<Measured> {
  const { command: words, env } = command();
  const [seconds, cpu, peak] = JSON.parse(await output(python, ["-c", watch, ...words], env)) as number[];
  await Deno.remove(join(folder, `run-${runs}`), { recursive: true }).catch(() => {});
  return { seconds, cpu, peak };
}

/** Writes a file of random bytes; of weights in bf16 every second byte is sign and exponent, and has little in it. */
async function randomFile(path: string, bytes: number, kind: "noise" | "weights"): Promise<Content> {
  const sha256 = createHash("sha256");
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const piece = new Uint8Array(mebi);
  for (let at = 0; at < bytes; at += piece.length) {
    for (let i = 0; i < mebi; i += 65_536) crypto.getRandomValues(piece.subarray(i, i + 65_536));
    if (kind === "weights") {
      for (let i = 1; i < mebi; i += 2) piece[i] = 0x38 | piece[i] & 0x87 & piece[i] >> 1;
    }
    sha256.update(piece);
    for (let done = 0; done < mebi;) done += await file.write(piece.subarray(done));
  }
  const read = () => {
    throw new Error("the bytes are elsewhere");
  };
  return { size: bytes, sha256: sha256.digest("hex"), gitBlob: "0".repeat(40), md5: "", read };
}

/** Mounts memory on the folder, so that no disk is measured; says whether it did. */
async function inMemory(): Promise<boolean> {
  const gibi = Math.ceil(size / 2 ** 30) * 3 + 2;
  const { success } = await new Deno.Command("mount", {
    args: ["-t", "tmpfs", "-o", `size=${gibi}g`, "tmpfs", folder],
    stderr: "null",
  }).output();
  return success;
}

const uploadToXet = "import sys, hf_xet, time; " +
  "print(hf_xet.upload_files(sys.argv[2:], sys.argv[1], ('t', int(time.time()) + 3600), None, None, 'model')[0].hash)";
const presign = "import sys, awscli.botocore.session as s; from awscli.botocore.config import Config; " +
  "c = s.get_session().create_client('s3', config=Config(signature_version='s3v4')); " +
  "print(c.generate_presigned_url('get_object', Params={'Bucket': sys.argv[1], 'Key': sys.argv[2]}, ExpiresIn=86400))";
const sha256Sum = 'import hashlib, sys; print(hashlib.file_digest(sys.stdin.buffer, "sha256").hexdigest())';
const snapshot = "import sys; from huggingface_hub import snapshot_download; " +
  "snapshot_download(sys.argv[1], local_dir=sys.argv[2])";

const memory = await inMemory();
try {
  await using s3 = await S3Server.start(memory ? folder : undefined);
  await using xetStorage = new XetStorage();
  const upload = join(folder, "upload");
  const files = { "model.safetensors": await randomFile(upload, size, "noise") };
  await s3.aws("s3", "mb", "s3://models");
  await s3.aws("s3", "cp", "--quiet", upload, "s3://models/x/model.safetensors");
  const signed = (await output(python, ["-c", presign, "models", "x/model.safetensors"], s3.env)).trim();
  const repositories: ConstructorParameters<typeof Hub>[0]["repositories"] = { "org/plain": { files } };
  for (const kind of ["noise", "weights"] as const) {
    const content = await randomFile(upload, xetSize, kind);
    const args = ["-c", uploadToXet, xetStorage.url, upload];
    const hash = (await output(python, args, { HOME: folder })).trim();
    repositories[`org/${kind}`] = {
      files: { "model.safetensors": content },
      xet: { "model.safetensors": hash },
    };
  }
  await Deno.remove(upload);
  // As the real one, the hub sends those who want a large file to an object store.
  await using hub = new Hub({ repositories, xetStorage: xetStorage.url, storage: () => signed });
  const hf = { HF_ENDPOINT: hub.endpoint };

  const ours = (what: string, bytes: number, uri: string, env: Env): Row => ({
    what: `${what}: ours, verified`,
    bytes,
    command: () => {
      const { program, args, env: all } = programCommand({ args: [uri], folder: fresh(), env });
      return { command: [program, ...args], env: all };
    },
  });
  const theirs = (
    what: string,
    bytes: number,
    command: (to: string) => readonly string[],
    env: Env,
  ): Row => ({
    what,
    bytes,
    command() {
      const into = fresh();
      return { command: command(into), env: { ...env, HF_HOME: join(into, "home") } }; // nothing is kept from run to run
    },
  });
  const curl = (what: string, to: (folder: string, i: number) => string, then = ""): Row => ({
    what,
    bytes: size,
    processes: ranges,
    command: () => {
      const into = fresh();
      const one = (i: number) =>
        `curl -sfL -r ${i * size / ranges}-${(i + 1) * size / ranges - 1} -o ${to(into, i)} "$URL" &`;
      const script = `mkdir -p ${into}; ${
        Array.from({ length: ranges }, (_, i) => one(i)).join(" ")
      } wait; ` +
        then.replaceAll("INTO", into);
      const URL = `${hub.endpoint}/org/plain/resolve/${hub.commitOf("org/plain")}/model.safetensors`;
      return { command: ["sh", "-c", script], env: { URL } };
    },
  });
  const part = (into: string, i: number) => `${into}/part-${i}`;
  const hubClient = { ...hf, HOME: folder, HF_HUB_DISABLE_TELEMETRY: "1" };
  const download = (repository: string) => (to: string) => [python, "-c", snapshot, repository, to];
  const copy = (to: string) => [join(bin, "aws"), "s3", "cp", "--recursive", "--quiet", "s3://models/x", to];

  const groups: readonly (readonly Row[])[] = [
    [
      curl(`HTTP: curl, ${ranges} ranges`, part),
      ours("HTTP", size, "hf://org/plain", { ...hf, AIM_DOWNLOADER_PROTOCOL: "HF_TRANSFER" }),
      curl(
        `HTTP: curl, ${ranges} ranges, then SHA-256`,
        part,
        `cat INTO/part-* | ${python} -c '${sha256Sum}'`,
      ),
      curl(`HTTP: curl, ${ranges} ranges, to nowhere`, () => "/dev/null"),
      theirs("HTTP: huggingface_hub", size, download("org/plain"), { ...hubClient, HF_HUB_DISABLE_XET: "1" }),
    ],
    ...(["noise", "weights"] as const).map((kind) => [
      theirs(`XET, ${kind}: hf_xet`, xetSize, download(`org/${kind}`), hubClient),
      ours(`XET, ${kind}`, xetSize, `hf://org/${kind}`, { ...hf, AIM_DOWNLOADER_PROTOCOL: "XET" }),
    ]),
    [
      theirs("S3: aws s3 cp", size, copy, s3.env),
      ours("S3", size, "s3://models/x", s3.env),
    ],
  ];
  const best = new Map<Row, Measured>();
  for (let run = 0; run < Number(values.runs); run++) {
    for (const row of groups.flat()) {
      console.error(`run ${run + 1}: ${row.what}`);
      const measured = await measure(row);
      if (measured.seconds < (best.get(row)?.seconds ?? Infinity)) best.set(row, measured);
    }
  }
  const table = groups.flatMap(([first, ...others]) => {
    const rate = (row: Row) => row.bytes / 1e6 / best.get(row)!.seconds;
    return [first, ...others].map((row) => ({
      what: row.what,
      "MB/s": Math.round(rate(row)),
      "of the first": `${Math.round(100 * rate(row) / rate(first))} %`,
      "CPU s/GB": Math.round(best.get(row)!.cpu / (row.bytes / 1e9) * 100) / 100,
      "peak MB": Math.round(best.get(row)!.peak * (row.processes ?? 1)),
    }));
  });
  if (values.json) console.log(JSON.stringify(table));
  else {
    console.table(table);
    console.log(
      `${navigator.hardwareConcurrency} cores for servers and clients, files in ${
        memory ? "memory" : "a folder of the disk"
      }`,
    );
  }
} finally {
  if (memory) await new Deno.Command("umount", { args: ["-l", folder] }).output();
  await Deno.remove(folder, { recursive: true });
}
