/** The downloader's image, with its entries at the paths of the contract (caching-and-artifacts.md §6). */

import { join } from "node:path";
import { checkout, type Image } from "../processes/image.ts";

/** Files that the Dockerfile copies as they are, below the folder whose paths are those of the image. */
const entries = ["check-size.sh", "storage-initializer/scripts/initializer-entrypoint"];

export const downloaderImage: Image = {
  entrypoint: ["/aim-downloader"],
  files: {
    "/aim-downloader": join(checkout, "tests/node_agent/images/aim-downloader"),
    ...Object.fromEntries(entries.map((path) => [`/${path}`, join(checkout, "lib/download/image", path)])),
  },
};
