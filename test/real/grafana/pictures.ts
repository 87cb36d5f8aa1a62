/**
 * # The pictures of docs/pictures, from a real Grafana
 *
 *     GRAFANA_HOME=<folder of a Grafana 12.3 or newer> node test/real/grafana/pictures.ts [NAME...]
 *
 * Three hours of a shop in trouble (scenario.ts), judged and shipped by our own code into real stores. Nothing is drawn over.
 */

import { mkdir, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { panelsOf } from "../../../dashboards/lint/classic-board.ts";
import { boardsOf } from "../boards/board-files.ts";
import { REPOSITORY, scratchDir } from "../places.ts";
import { openBoard, startBrowser } from "./browser.ts";
import { layProvisioning } from "./provisioning.ts";
import { shopInTrouble } from "./scenario.ts";
import { grafanaHome, startGrafana } from "./server.ts";
import { startFilledStores } from "./stores.ts";

const STRETCH_MS = 3 * 3_600_000;
const TICK_MS = 10_000;
const OUT = resolve(REPOSITORY, "docs/pictures");
const WIDTH = 1_280;
/** All panels of a board stand in it, so that all are drawn. */
const HEIGHT = 3_400;

interface Picture {
  readonly name: string;
  readonly uid: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly theme: "light" | "dark";
  /** Of what is kept, from the top. */
  readonly height: number;
}

const stuck = { cluster: "shop", group: "stock-sync" };
const slow = { cluster: "shop", group: "fraud-scoring" };
const PICTURES: readonly Picture[] = [
  { name: "overview", uid: "tidemark-es-overview", theme: "dark", height: 1_210 },
  { name: "overview-causes", uid: "tidemark-influx-overview", theme: "light", height: 1_960 },
  { name: "group-stuck-partition", uid: "tidemark-es-group", variables: stuck, theme: "dark", height: 2_320 },
  { name: "group-too-slow", uid: "tidemark-prom-group", variables: slow, theme: "light", height: 1_230 },
  {
    name: "topic",
    uid: "tidemark-influx-topic",
    variables: { cluster: "shop", topic: "inventory" },
    theme: "dark",
    height: 1_500,
  },
  { name: "pipeline", uid: "tidemark-es-pipeline", theme: "light", height: 1_250 },
  { name: "slo", uid: "tidemark-prom-slo", theme: "dark", height: 1_560 },
];

async function takePictures(names: readonly string[]): Promise<void> {
  const home = await grafanaHome();
  if (home === undefined) throw new Error("GRAFANA_HOME names no Grafana");
  const toMs = Math.floor(Date.now() / TICK_MS) * TICK_MS;
  const folder = await scratchDir("grafana-pictures");
  await using stores = await startFilledStores({ scenario: shopInTrouble(), fromMs: toMs - STRETCH_MS, toMs });
  await using grafana = await startGrafana(home, await layProvisioning(folder, stores.urls));
  const browser = await startBrowser();
  await mkdir(OUT, { recursive: true });
  for (const { name, height, ...view } of PICTURES) {
    if (names.length > 0 && !names.includes(name)) continue;
    const board = ["elasticsearch", "influxdb", "prometheus"].flatMap(boardsOf).find(({ uid }) => uid === view.uid);
    const panels = board === undefined ? [] : panelsOf(board).map(({ id }) => id);
    const seen = {
      url: grafana.url,
      panels,
      nowMs: toMs + 1_000,
      from: "now-3h",
      width: WIDTH,
      height: HEIGHT,
      ...view,
    };
    const { page, errors } = await openBoard(browser, seen);
    if (errors.length > 0) throw new Error(`${name}: ${errors.join("; ")}`);
    const clip = { x: 0, y: 0, width: WIDTH, height };
    await page.screenshot({ clip, path: resolve(OUT, `${name}.png`) });
    await page.context().close();
    process.stdout.write(`docs/pictures/${name}.png, Grafana ${grafana.version}\n`);
  }
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}

await takePictures(process.argv.slice(2));
