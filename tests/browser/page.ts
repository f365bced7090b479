/** A browser's window on a page, and what must hold of whatever it shows. */

import assert from "node:assert/strict";
import { type Browser, chromium as playwright, type Page } from "playwright-core";
import { chromium } from "./chromium.ts";
import { madeOfNpm } from "./of_npm.ts";

export type { Page };

/** Starts a browser without a window. */
export async function startBrowser(): Promise<Browser> {
  const { executablePath, env } = await chromium();
  return await playwright.launch({
    executablePath,
    env: { ...Deno.env.toObject(), ...env },
    // Whoever tests as root in a container has no sandbox; nothing but our own page is opened.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--disable-background-networking",
    ],
  });
}

/** Sizes of windows: of a desk and of a phone. */
export const sizes = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;

/** The part of axe-core's answer that counts. */
interface Violation {
  readonly id: string;
  readonly impact?: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** axe-core as the script that it is in a page. */
async function axeSource(): Promise<string> {
  const file = await madeOfNpm("axe-core-4.14.1.js", "axe-core@4.14.1", "axe.min.js", Deno.copyFile);
  return await Deno.readTextFile(file);
}

/** What axe-core has against a page, from serious on: one line each. */
export async function faultsOf(page: Page): Promise<string[]> {
  // Not as a script of the page, which its policy would refuse.
  await page.evaluate(await axeSource());
  const { violations } = await page.evaluate(() =>
    // deno-lint-ignore no-explicit-any -- axe is there in the page only
    (globalThis as any).axe.run({ resultTypes: ["violations"] })
  ) as { readonly violations: readonly Violation[] };
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("; ")}`
    );
}

/** Fails where something of the page is beyond the right edge of its window. */
export async function assertNoSidewaysScroll(page: Page, what: string): Promise<void> {
  const [content, window] = await page.evaluate(
    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
  ) as [number, number];
  assert(content <= window, `${what}: ${content} pixels in a window of ${window}`);
}
