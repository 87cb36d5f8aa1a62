/** A real Grafana takes the committed provisioning without a warning, and has all boards and data sources of it. */

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { test } from "node:test";
import { boardsOf } from "../boards/board-files.ts";
import { scratchDir } from "../places.ts";
import { layProvisioning } from "./provisioning.ts";
import { grafanaHome, startGrafana } from "./server.ts";

const STORES = ["elasticsearch", "influxdb", "prometheus"] as const;
/** Nobody listens there: it is not asked for data. */
const NOBODY = "http://127.0.0.1:9";

test("provisioning loads without a warning, and every board is there", async (t) => {
  const home = await grafanaHome();
  if (home === undefined) return t.skip("GRAFANA_HOME is not set");
  const folder = await scratchDir("grafana-provisioning");
  try {
    const laid = await layProvisioning(folder, { elasticsearch: NOBODY, influxdb: NOBODY, prometheus: NOBODY });
    // Rules are read and not run: the stores are nowhere.
    const env = { ...laid.env, GF_UNIFIED_ALERTING_EXECUTE_ALERTS: "false" };
    await using grafana = await startGrafana(home, { ...laid, env });
    const found = (await grafana.ask("/api/search?type=dash-db")).body as readonly { readonly uid: string }[];
    const wanted = STORES.flatMap((store) => boardsOf(store).map(({ uid }) => uid));
    assert.deepEqual(found.map(({ uid }) => uid).toSorted(), wanted.toSorted());
    const sources = (await grafana.ask("/api/datasources")).body as readonly { readonly uid: string }[];
    assert.deepEqual(sources.map(({ uid }) => uid).toSorted(), ["tidemark-es", "tidemark-influx", "tidemark-prom"]);
    assert.deepEqual(complaintsOf(await grafana.log()), []);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** What was logged of us, of provisioning or of alerting, above the level of information. */
function complaintsOf(log: string): readonly string[] {
  return log
    .split("\n")
    .filter((line) => /level=(warn|error)/.test(line))
    .filter((line) => /tidemark|logger=provisioning|logger=ngalert/i.test(line));
}
