/** The downloader's image, with its entries at the paths of the contract (caching-and-artifacts.md §6). */

import { join } from "node:path";
import { checkout, type Image, inImage } from "../processes/image.ts";

const entries = "lib/download/image";

export const downloaderImage: Image = {
  entrypoint: [`${inImage.checkout}/${entries}/download`],
  files: {
    "/check-size.sh": join(checkout, entries, "check-size.sh"),
    "/storage-initializer/scripts/initializer-entrypoint": join(checkout, entries, "initializer-entrypoint"),
  },
};
