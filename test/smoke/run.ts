/**
 * # npm run smoke: the whole stack, on a machine with Docker
 *
 * From a clean checkout and unattended: secrets, images, everything up; then Grafana's own API has to say that each data source is
 * healthy, each panel's query answers without an error, and each alert rule is well; then a consumer is stopped, and the webhook has
 * to get GroupStopped within three minutes (four on a busy machine), and its end after the consumer is back.
 *
 *     0    all of it was seen
 *     1    something is wrong; the last lines say what
 *     75   it could not be tried: no Docker, no compose of version 2, or an image that cannot be fetched
 *
 * `--keep` leaves the stack running.
 */

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { done, notYet, until } from "../real/until.ts";
import { type Compose, findCompose, hasImage } from "./compose.ts";
import { panelQueries } from "./panel-query.ts";
import { STOPPED, STORES } from "./stores.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const GRAFANA = "http://127.0.0.1:3000";
const WEBHOOK = "http://webhook:9000/";
const CANNOT_TRY = 75;
const UP_SECONDS = 600;
/** Two ticks in every store, and every rule evaluated. */
const SETTLE_MS = 300_000;
/** Three minutes are what is promised; a machine that is busy with all of this gets one more, and the time is said. */
const FIRES_MS = 240_000;
const RESOLVES_MS = 600_000;
/** Of all panels: a young stack has no events, no losses and no dead letters to show. */
const FILLED_SHARE_MIN = 0.5;

class CannotTry extends Error {}

const say = (line: string): void => console.log(`smoke: ${line}`);

async function main(): Promise<number> {
  const compose = findCompose({ TIDEMARK_ALERT_WEBHOOK_URL: WEBHOOK });
  if (compose === undefined) throw new CannotTry("no Docker answers here, or it has no compose of version 2");
  mustRun(spawnSync("sh", ["scripts/make-secrets"], { cwd: ROOT }), "scripts/make-secrets");
  await fetchImages(compose);
  try {
    await mustUp(compose);
    await checkGrafana();
    await checkAlert(compose);
    say("all of it was seen");
    return 0;
  } catch (caught) {
    await compose.run(["ps", "-a"]);
    await compose.run(["logs", "--tail", "20"]);
    throw caught;
  } finally {
    if (!process.argv.includes("--keep")) await compose.run(["down", "--volumes", "--timeout", "20"], { quiet: true });
  }
}

function mustRun({ status, stderr }: { status: number | null; stderr: Buffer }, what: string): void {
  if (status !== 0) throw new Error(`${what} ended with ${status}: ${stderr}`);
}

/** What is there is not fetched, so that it runs without a network, too. */
async function fetchImages(compose: Compose): Promise<void> {
  const { text } = await compose.run(["config", "--images"], { quiet: true });
  const images = text.split("\n").filter((line) => /^[\w./-]+:[\w.-]+$/.test(line) && line !== "tidemark:local");
  const missing = [...new Set(images)].filter((image) => !hasImage(image));
  say(`${images.length} images, of which ${missing.length} are to be fetched; then ours is built`);
  for (const image of missing)
    if (spawnSync("docker", ["pull", image], { stdio: "inherit" }).status !== 0)
      throw new CannotTry(`the image ${image} cannot be fetched`);
  const built = await compose.run(["build", "collector"]);
  if (built.code === 0) return;
  const isAway = /(failed to (resolve|do request|fetch)|pull access denied|dial tcp|no such host|ENOTFOUND|EAI_AGAIN)/;
  if (isAway.test(built.text))
    throw new CannotTry("our image cannot be built: its base, or the registry of packages, is out of reach");
  throw new Error("our image cannot be built");
}

async function mustUp(compose: Compose): Promise<void> {
  const { code } = await compose.run(["up", "--wait", "--wait-timeout", String(UP_SECONDS)]);
  if (code !== 0) throw new Error(`docker compose up --wait ended with ${code}`);
  say("everything is up and healthy");
}

async function ask(path: string, body?: unknown): Promise<unknown> {
  const password = readFileSync(resolve(ROOT, "secrets/grafana_admin_password"), "utf8");
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
  const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const headers = { authorization, "content-type": "application/json" };
  const answer = await fetch(`${GRAFANA}${path}`, { headers, signal: AbortSignal.timeout(60_000), ...sent });
  return answer.json();
}

async function checkGrafana(): Promise<void> {
  const settled = { timeoutMs: SETTLE_MS, everyMs: 5_000 };
  for (const { uid } of STORES)
    await until(
      `a healthy data source ${uid}`,
      async () => okOr(await ask(`/api/datasources/uid/${uid}/health`)),
      settled,
    );
  say(`${STORES.length} data sources are healthy`);
  const panels = await until("answers of most panels", panelsAnswer, settled);
  say(`${panels.asked} panels answer without an error, ${panels.filled} of them with values`);
  const rules = await until("every rule evaluated and well", rulesAreWell, settled);
  say(`${rules} alert rules are well`);
}

const Health = z.looseObject({ status: z.string() });
function okOr(answer: unknown) {
  const { status } = Health.parse(answer);
  return status === "OK" ? done(undefined) : notYet(JSON.stringify(answer));
}

const Frames = z.looseObject({
  results: z.record(
    z.string(),
    z.looseObject({
      error: z.string().optional(),
      frames: z.array(z.looseObject({ data: z.looseObject({ values: z.array(z.array(z.unknown())) }) })).default([]),
    }),
  ),
});

async function panelsAnswer() {
  let filled = 0;
  let asked = 0;
  for (const { store, type, uid, variables } of STORES)
    for (const board of boardsOf(store))
      for (const { queries, title } of panelQueries(board, { datasource: { type, uid }, variables })) {
        const answer = Frames.safeParse(await ask("/api/ds/query", { from: "now-15m", to: "now", queries }));
        if (!answer.success) return notYet(`${uid}, "${title}": no answer that can be read`);
        const results = Object.values(answer.data.results);
        const error = results.find((result) => result.error !== undefined)?.error;
        if (error !== undefined) return notYet(`${uid}, "${title}": ${error}`);
        asked++;
        if (results.some(({ frames }) => frames.some(({ data }) => (data.values.at(-1)?.length ?? 0) > 0))) filled++;
      }
  return filled >= asked * FILLED_SHARE_MIN ? done({ asked, filled }) : notYet(`${filled} of ${asked} have values`);
}

function boardsOf(store: string): readonly unknown[] {
  const folder = resolve(ROOT, "dashboards/out", store);
  return readdirSync(folder).map((name) => JSON.parse(readFileSync(resolve(folder, name), "utf8")));
}

const Rules = z.looseObject({
  data: z.looseObject({
    groups: z.array(
      z.looseObject({
        rules: z.array(z.looseObject({ name: z.string(), health: z.string(), lastError: z.string().optional() })),
      }),
    ),
  }),
});

async function rulesAreWell() {
  const { groups } = Rules.parse(await ask("/api/prometheus/grafana/api/v1/rules")).data;
  const rules = groups.flatMap((group) => group.rules);
  const bad = rules.find(({ health }) => health !== "ok");
  if (rules.length === 0) return notYet("no rule is there");
  return bad === undefined ? done(rules.length) : notYet(`${bad.name} is ${bad.health} ${bad.lastError ?? ""}`);
}

async function checkAlert(compose: Compose): Promise<void> {
  await compose.run(["stop", STOPPED.service], { quiet: true });
  const stoppedMs = performance.now();
  await until(`${STOPPED.alert} at the webhook`, () => wasTold(compose, "firing"), {
    timeoutMs: FIRES_MS,
    everyMs: 3_000,
  });
  say(`${STOPPED.alert} of ${STOPPED.group} came ${seconds(stoppedMs)} s after the stop`);
  await compose.run(["start", STOPPED.service], { quiet: true });
  const startedMs = performance.now();
  await until(`the end of ${STOPPED.alert}`, () => wasTold(compose, "resolved"), {
    timeoutMs: RESOLVES_MS,
    everyMs: 3_000,
  });
  say(`its end came ${seconds(startedMs)} s after the start`);
}

const seconds = (sinceMs: number): number => Math.round((performance.now() - sinceMs) / 1_000);

const Message = z.looseObject({
  alerts: z.array(z.looseObject({ status: z.string(), labels: z.record(z.string(), z.string()) })),
});

async function wasTold(compose: Compose, status: "firing" | "resolved") {
  const { text } = await compose.run(["logs", "--no-log-prefix", "webhook"], { quiet: true });
  const messages = text.split("\n").filter((line) => line.startsWith("{"));
  const alerts = messages.flatMap((line) => Message.parse(JSON.parse(line)).alerts);
  const isIt = alerts.some(
    (alert) =>
      alert.status === status &&
      alert.labels["group"] === STOPPED.group &&
      alert.labels["alertname"]?.startsWith(STOPPED.alert) === true,
  );
  return isIt ? done(undefined) : notYet(`${messages.length} messages came, none of them that`);
}

try {
  process.exitCode = await main();
} catch (caught) {
  const isUntried = caught instanceof CannotTry;
  console.error(
    `smoke: ${isUntried ? "NOT TRIED: " : "FAILED: "}${caught instanceof Error ? caught.message : String(caught)}`,
  );
  process.exitCode = isUntried ? CANNOT_TRY : 1;
}
