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
const ANSWERS_TIMEOUT_MS = 60_000;
const LOOK_MS = 100;
const DRAW_MS = 1_500;

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
  /** Ids of its panels: each is waited for. */
  readonly panels: readonly number[];
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
  await untilAnswered(page, () => view.panels.some((id) => !answers.has(id)));
  return { page, answers, errors };
}

function addressOf({ url, uid, variables = {}, from, theme }: BoardView): string {
  const query = new URLSearchParams({ from, to: "now", theme });
  for (const [name, value] of Object.entries(variables)) query.set(`var-${name}`, value);
  return `${url}/d/${uid}?${query}&kiosk`;
}

/** All have been answered, or the time is over: who is missing is for the caller to say. */
async function untilAnswered(page: Page, missing: () => boolean): Promise<void> {
  const endMs = performance.now() + ANSWERS_TIMEOUT_MS;
  while (missing() && performance.now() < endMs) await page.waitForTimeout(LOOK_MS);
  // What was answered has yet to be drawn.
  await page.waitForTimeout(DRAW_MS);
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
