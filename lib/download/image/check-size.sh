#!/usr/bin/env -S deno run --quiet --no-check --cached-only --frozen --no-prompt --v8-flags=--max-semi-space-size=2 --config=/app/deno.json -P=download --ext=ts
// An entry of the image: what it does is told by this file's name.
import { runDownloader } from "/app/lib/download/main.ts";

Deno.exit(await runDownloader(import.meta.filename!, Deno.args));
