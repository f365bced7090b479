import assert from "node:assert/strict";
import { codeWithin } from "./code_within.ts";

const row = (type: string, status: string, reason: string) => ({ type, status, reason });

Deno.test("an object hands on the code that it tells, though its reasons stand for others", () => {
  const conditions = [
    row("DiscoveryPodsReady", "False", "FailedCreate"),
    row("Stalled", "True", "AIM0801"),
    row("Ready", "False", "FailedCreate"),
  ];
  assert.equal(codeWithin(conditions), "AIM-0801");
  // One that only says where to look leaves the word to a reason that says more.
  const general = [row("DownloadJobPodsReady", "False", "ImageNotFound"), row("Stalled", "True", "AIM0331")];
  assert.equal(codeWithin(general), "AIM-0901");
  const category = [row("ArtifactsReady", "False", "InvalidSpec"), row("Stalled", "True", "AIM0413")];
  assert.equal(codeWithin(category), "AIM-0413");
});

Deno.test("of an object that tells none the reasons of what is not ready count: an older operator's, AIM Engine's", () => {
  assert.equal(codeWithin([row("DownloadJobPodsReady", "False", "FailedCreate")]), "AIM-0804");
  assert.equal(codeWithin([row("DownloadJobPodsReady", "True", "FailedCreate")]), undefined);
  assert.equal(codeWithin([row("Reconciling", "True", "Progressing")]), undefined);
  assert.equal(codeWithin(undefined), undefined);
});

Deno.test("a template's cache informs only", () => {
  assert.equal(codeWithin([row("CacheReady", "False", "CacheFailed")]), undefined);
});

Deno.test("what cannot be reached is a registry where an image is read", () => {
  assert.equal(codeWithin([row("ImageMetadataReady", "False", "NetworkTimeout")]), "AIM-0909");
  assert.equal(codeWithin([row("ImageMetadataReady", "False", "RateLimited")]), "AIM-0908");
});
