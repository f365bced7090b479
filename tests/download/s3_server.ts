/** A real S3 server (versitygw) on a folder, and the official command line that fills it. */

import { join } from "node:path";
import { buildParts } from "../control_plane/build/build.ts";
import { freePort } from "../control_plane/processes/ports.ts";
import { until } from "../control_plane/until.ts";
import { output, pythonPrograms } from "./python.ts";

export const accessKey = "test-access-key";
export const secretKey = "test-secret-key/with+signs";

export class S3Server implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #aws: string;
  readonly port: number;
  readonly folder: string;

  private constructor(child: Deno.ChildProcess, aws: string, port: number, folder: string) {
    this.#child = child;
    this.#aws = aws;
    this.port = port;
    this.folder = folder;
  }

  /** @param below where its folder is to be; that of temporary files by default. */
  static async start(below?: string): Promise<S3Server> {
    const { programs } = await buildParts({ programs: ["versitygw"], yaml: [] });
    const aws = join(await pythonPrograms(), "aws");
    const folder = await Deno.makeTempDir({ dir: below });
    const port = freePort();
    await Deno.mkdir(join(folder, "data"));
    const child = new Deno.Command(programs.versitygw, {
      args: [
        "--keep-alive", // as real stores do
        "--access",
        accessKey,
        "--secret",
        secretKey,
        "--port",
        `127.0.0.1:${port}`,
        "posix",
        join(folder, "data"),
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await until("the S3 server answers", async () => {
      await (await fetch(`http://127.0.0.1:${port}/`)).body?.cancel();
      return true;
    });
    return new S3Server(child, aws, port, folder);
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Environment of a client that may do everything. */
  get env(): Record<string, string> {
    return {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_SECRET_ACCESS_KEY: secretKey,
      AWS_REGION: "us-east-1",
      AWS_EC2_METADATA_DISABLED: "true",
      HOME: this.folder,
    };
  }

  /** Runs the official command line. */
  aws(...args: string[]): Promise<string> {
    return output(this.#aws, args, this.env);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await Deno.remove(this.folder, { recursive: true });
  }
}
