/**
 * Every board of every store in a real Grafana and a real browser: data sources are healthy, each panel finds something, variables fill, and
 * a name that would end a query finds itself alone.
 */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { type ClassicBoard, panelsOf } from "../../../dashboards/lint/classic-board.ts";
import { dimensionText } from "../../../shipper/encode/bulk.ts";
import { noteSkipped } from "../../notices.ts";
import { boardsOf } from "../boards/board-files.ts";
import { type Child, startChild } from "../child.ts";
import { REPOSITORY, scratchDir } from "../places.ts";
import { freePort } from "../ports.ts";
import { done, notYet, until } from "../until.ts";
import { CHROMIUM, openBoard, type SeenBoard, startBrowser } from "./browser.ts";
import { layProvisioning } from "./provisioning.ts";
import { shopInTrouble } from "./scenario.ts";
import { type Grafana, grafanaHome, startGrafana } from "./server.ts";
import { startFilledStores } from "./stores.ts";

const STRETCH_MS = 40 * 60_000;
const TICK_MS = 10_000;
const HOSTILE = 'a"} or vector(1) # /x\\y é';
const BACKTICK = "b`tick";
const STORES = [
  { store: "elasticsearch", uid: "tidemark-es", hostile: dimensionText(HOSTILE) },
  { store: "influxdb", uid: "tidemark-influx", hostile: dimensionText(HOSTILE) },
  { store: "prometheus", uid: "tidemark-prom", hostile: HOSTILE },
] as const;
const PRODUCT_TIMEOUT_MS = 60_000;

interface World extends AsyncDisposable {
  readonly grafana: Grafana;
  readonly browser: Browser;
  readonly toMs: number;
}

let world: World | undefined;
before(async () => {
  world = await startWorld();
});
after(async () => {
  await world?.[Symbol.asyncDispose]();
});

async function startWorld(): Promise<World | undefined> {
  const home = await grafanaHome();
  if (home === undefined) return undefined;
  if (!existsSync(CHROMIUM)) {
    await noteSkipped({ server: "Chromium", reason: `${CHROMIUM} is missing (Debian: apt-get install chromium)` });
    return undefined;
  }
  await using started = new AsyncDisposableStack();
  const scraped = `127.0.0.1:${await freePort()}`;
  const folder = await scratchDir("grafana-boards");
  started.defer(() => rm(folder, { recursive: true, force: true }));
  started.use(await startDemo(folder, scraped));
  const toMs = Math.floor(Date.now() / TICK_MS) * TICK_MS;
  const scenario = shopInTrouble([HOSTILE, BACKTICK, "a"]);
  const stores = started.use(await startFilledStores({ scenario, fromMs: toMs - STRETCH_MS, toMs, scraped }));
  const grafana = started.use(await startGrafana(home, await layProvisioning(folder, stores.urls)));
  const browser = await startBrowser();
  started.defer(() => browser.close());
  const all = started.move();
  return { grafana, browser, toMs, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** Whose own metrics are scraped. */
async function startDemo(folder: string, address: string): Promise<Child> {
  const port = address.split(":").at(-1) ?? "";
  const child = await startChild({
    command: resolve(REPOSITORY, "tidemark"),
    args: ["demo", "--port", port],
    logFile: resolve(folder, "demo.log"),
  });
  const look = async () => ((await fetch(`http://${address}/metrics`)).ok ? done(undefined) : notYet("no metrics"));
  await until("metrics of the demonstration", look, { timeoutMs: PRODUCT_TIMEOUT_MS, everyMs: 200 });
  return child;
}

async function seen(shown: ClassicBoard, variables: Readonly<Record<string, string>>): Promise<SeenBoard | undefined> {
  if (world === undefined) return undefined;
  const { uid } = shown;
  const panels = panelsOf(shown).map(({ id }) => id);
  // A process is scraped now, and not in what was recorded.
  const nowMs = uid === "tidemark-prom-pipeline" ? Date.now() : world.toMs;
  const view = { url: world.grafana.url, uid, panels, variables, nowMs, from: "now-30m", theme: "dark" } as const;
  const board = await openBoard(world.browser, { ...view, width: 1_600, height: 3_600 });
  await board.page.context().close();
  return board;
}

for (const { store, uid, hostile } of STORES) {
  test(`${store}: the data source is healthy`, async (t) => {
    if (world === undefined) return t.skip("no Grafana");
    const { status, body } = await world.grafana.ask(`/api/datasources/uid/${uid}/health`);
    assert.equal(status, 200, JSON.stringify(body));
  });

  for (const board of boardsOf(store)) {
    const one = { cluster: "shop", group: "stock-sync", topic: "inventory" };
    const single = board.templating.list
      .filter(({ type, multi }) => type === "query" && !multi)
      .map(({ name }) => name);
    const variables = Object.fromEntries(Object.entries(one).filter(([name]) => single.includes(name)));

    test(`${board.uid}: every panel is drawn from something`, async (t) => {
      const shown = await seen(board, variables);
      if (shown === undefined) return t.skip("no Grafana");
      assert.deepEqual(shown.errors, []);
      const wrong = panelsOf(board).flatMap(({ id, title, fieldConfig }) => {
        const answer = shown.answers.get(id);
        if (answer === undefined) return [`${id} ${title}: nothing was asked`];
        const mayBeEmpty = fieldConfig.defaults.noValue !== "no data";
        return [
          ...answer.errors.map((error) => `${id} ${title}: ${error}`),
          ...(answer.values === 0 && !mayBeEmpty ? [`${id} ${title}: nothing was found`] : []),
        ];
      });
      assert.deepEqual(wrong, []);
    });

    if (board.templating.list.some(({ name }) => name === "group"))
      test(`${board.uid}: a name that would end a query finds itself alone`, async (t) => {
        const names = store === "prometheus" ? [hostile] : [hostile, BACKTICK];
        for (const group of names) {
          const shown = await seen(board, { cluster: "shop", group });
          if (shown === undefined) return t.skip("no Grafana");
          const answers = [...shown.answers.values()];
          assert.deepEqual([...answers.flatMap(({ errors }) => errors), ...shown.errors], []);
          assert.ok(answers.filter(({ values }) => values > 0).length > 2, "hardly anything was found");
          const others = answers.flatMap(({ groups }) => groups).filter((found) => found !== group);
          assert.deepEqual([...new Set(others)], []);
        }
      });
  }
}
