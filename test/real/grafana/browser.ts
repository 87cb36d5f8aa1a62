/**
 * # A board in a browser, and what Grafana is asked and answers while it is drawn
 *
 * The browser fills in the variables as it does for everybody, so that what is asked is what a user asks. Its clock stands still at the
 * end of what was recorded.
 */

import { type Browser, chromium, type Page } from "playwright-core";
import { z } from "zod";

export const CHROMIUM = process.env["CHROMIUM_BIN"] ?? "/usr/bin/chromium";
const LOAD_TIMEOUT_MS = 60_000;
/** Nothing is asked any more for so long. */
const QUIET_MS = 1_500;
const QUIET_TIMEOUT_MS = 30_000;

const Field = z.looseObject({
  name: z.string(),
  type: z.string(),
  labels: z.record(z.string(), z.string()).optional(),
});
const Frame = z.looseObject({
  schema: z.looseObject({ fields: z.array(Field) }),
  data: z.looseObject({ values: z.array(z.array(z.unknown())) }),
});
const Answer = z.looseObject({
  results: z.record(z.string(), z.looseObject({ error: z.string().optional(), frames: z.array(Frame).optional() })),
});

export interface PanelAnswer {
  readonly errors: readonly string[];
  /** Values that are known. */
  readonly values: number;
  /** Of a column or a label called group. */
  readonly groups: readonly string[];
}

export interface SeenBoard {
  readonly page: Page;
  /** By the id of the panel; the newest. */
  readonly answers: ReadonlyMap<number, PanelAnswer>;
  /** What went wrong beside the panels: other refused requests, errors of the page. */
  readonly errors: readonly string[];
}

export interface BoardView {
  /** Of Grafana. */
  readonly url: string;
  readonly uid: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly nowMs: number;
  readonly from: string;
  readonly width: number;
  readonly height: number;
  readonly theme: "light" | "dark";
}

export async function startBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
}

/** Whoever asks closes the page's context. */
export async function openBoard(browser: Browser, view: BoardView): Promise<SeenBoard> {
  const { width, height, nowMs } = view;
  const context = await browser.newContext({ viewport: { width, height }, timezoneId: "UTC" });
  const page = await context.newPage();
  await page.clock.setFixedTime(nowMs);
  const answers = new Map<number, PanelAnswer>();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("response", async (response) => {
    const panel = Number(response.request().headers()["x-panel-id"]);
    const isQuery = response.url().includes("/api/ds/query");
    if (response.status() >= 400 && !isQuery) errors.push(`${response.status()} ${response.url()}`);
    if (isQuery && panel > 0) answers.set(panel, panelAnswer(Answer.parse(await response.json())));
  });
  await page.goto(addressOf(view), { timeout: LOAD_TIMEOUT_MS });
  await page.waitForSelector("[data-viz-panel-key]", { timeout: LOAD_TIMEOUT_MS });
  await untilQuiet(page);
  return { page, answers, errors };
}

function addressOf({ url, uid, variables = {}, from, theme }: BoardView): string {
  const query = new URLSearchParams({ from, to: "now", theme });
  for (const [name, value] of Object.entries(variables)) query.set(`var-${name}`, value);
  return `${url}/d/${uid}?${query}&kiosk`;
}

async function untilQuiet(page: Page): Promise<void> {
  let newestMs = performance.now();
  const touch = (): void => {
    newestMs = performance.now();
  };
  page.on("request", touch);
  page.on("response", touch);
  const endMs = performance.now() + QUIET_TIMEOUT_MS;
  while (performance.now() < Math.min(newestMs + QUIET_MS, endMs)) await page.waitForTimeout(100);
}

function panelAnswer({ results }: z.output<typeof Answer>): PanelAnswer {
  const all = Object.values(results);
  const frames = all.flatMap((result) => result.frames ?? []);
  const columns = frames.flatMap(({ schema, data }) =>
    schema.fields.map((field, index) => ({ field, values: data.values[index] ?? [] })),
  );
  const known = columns.filter(({ field }) => field.type !== "time").flatMap(({ values }) => values);
  const groups = columns.flatMap(({ field, values }) => [
    ...(field.name === "group" ? values.map(String) : []),
    ...(field.labels?.["group"] === undefined ? [] : [field.labels["group"]]),
  ]);
  return {
    errors: all.flatMap(({ error }) => error ?? []),
    values: known.filter((value) => value !== null).length,
    groups: [...new Set(groups)],
  };
}
