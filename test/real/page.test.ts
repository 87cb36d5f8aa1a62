/**
 * # The page, in a real browser
 *
 * Chromium opens the list of groups and pages of groups, narrow and wide, light and dark: no error on the console (which is where
 * a violated content policy shows), nothing wider than the window, and nothing that axe-core calls serious. Pictures go to `.cache/screenshots/`.
 * CHROMIUM_BIN names a browser in another place than /usr/bin/chromium.
 */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { test } from "node:test";
import axe, { type AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { noteSkipped } from "../notices.ts";
import { createPopulation } from "./groups.ts";
import { startBroker } from "./kafka/broker.ts";
import { CACHE } from "./places.ts";
import { type Product, startProduct } from "./product.ts";
import { servedSummaries } from "./served.ts";
import { done, notYet, until } from "./until.ts";

const CHROMIUM = process.env["CHROMIUM_BIN"] ?? "/usr/bin/chromium";
const PICTURES = resolve(CACHE, "screenshots");
const WIDTHS = [380, 1_600] as const;
const SCHEMES = ["light", "dark"] as const;
/** A moving one, one with members, and one whose name is an attack. */
const GROUPS = ["slow", "healthy", "<script>alert(1)</script>", "slashes/in/names"] as const;

test("the page reads well in Chromium at 380 and 1600 px, light and dark", async (t) => {
  if (!existsSync(CHROMIUM)) {
    await noteSkipped({ server: "Chromium", reason: `${CHROMIUM} is missing (Debian: apt-get install chromium)` });
    t.skip(`${CHROMIUM} is missing`);
    return;
  }
  await using broker = await startBroker({ version: "4.1.2" });
  await using _population = await createPopulation(broker);
  await using product = await startProduct({ brokers: [broker.bootstrap] });
  await product.ready();
  await judged(product);
  await mkdir(PICTURES, { recursive: true });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    for (const width of WIDTHS) for (const scheme of SCHEMES) await visit(browser, product, { width, scheme });
  } finally {
    await browser.close();
  }
});

/** A verdict that is not OK and some history, so that the pictures show what the page is for. */
async function judged(product: Product): Promise<void> {
  const slowWarns = async () => {
    const slow = (await servedSummaries(product))?.find(({ group }) => group === "slow");
    return slow?.status === "WARN" ? done(undefined) : notYet(`slow is ${slow?.status}`);
  };
  await until("a verdict on the slow group", slowWarns, { timeoutMs: 90_000, everyMs: 500 });
}

interface View {
  readonly width: (typeof WIDTHS)[number];
  readonly scheme: (typeof SCHEMES)[number];
}

async function visit(browser: Browser, product: Product, view: View): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: view.width, height: 900 },
    colorScheme: view.scheme,
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("dialog", () => errors.push("a name was run as a script"));
  await page.goto(`${product.url}/`, { waitUntil: "networkidle" });
  await looksRight(page, `groups-${view.width}-${view.scheme}`);
  for (const [index, group] of GROUPS.entries()) {
    await openGroup(page, product, group);
    await looksRight(page, `group-${index}-${view.width}-${view.scheme}`);
  }
  assert.deepEqual(errors, [], `console at ${view.width} px, ${view.scheme}`);
  await context.close();
}

/** By the link that the page itself gives, so that a name encoded twice or not at all is found out. */
async function openGroup(page: Page, product: Product, group: string): Promise<void> {
  await page.goto(`${product.url}/`, { waitUntil: "networkidle" });
  await page.getByRole("link", { name: group, exact: true }).first().click();
  await page.waitForLoadState("networkidle");
  const heading = (await page.locator("h1").first().textContent()) ?? "";
  assert.ok(heading.includes(group), `the page of ${group} is headed ${heading}`);
}

async function looksRight(page: Page, picture: string): Promise<void> {
  await page.screenshot({ path: resolve(PICTURES, `${picture}.png`), fullPage: true });
  // As text: the types of a browser are not part of this program.
  const content = Number(await page.evaluate("document.scrollingElement.scrollWidth"));
  const window = Number(await page.evaluate("innerWidth"));
  assert.ok(content <= window, `${picture}: content is ${content} px wide in a window of ${window} px`);
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
  const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const named = bad.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  assert.deepEqual(named, [], `${picture}: what people who do not see it cannot use`);
  assert.ok(((await page.locator("body").textContent()) ?? "").trim().length > 20, `${picture}: the page is empty`);
}
