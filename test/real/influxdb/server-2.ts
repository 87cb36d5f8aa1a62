/**
 * # One real InfluxDB 2.x
 *
 * Set up with one organisation and one token that may do everything.
 */

import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { startChild } from "../child.ts";
import { scratchDir } from "../places.ts";
import { freePorts } from "../ports.ts";
import { done, notYet, until } from "../until.ts";

const READY_TIMEOUT_MS = 60_000;

export const ORG = "tidemark";
export const ROOT_TOKEN = "everything";

export interface Influx2 extends AsyncDisposable {
  readonly url: string;
  /** As the one who may do everything; throws where it is refused. */
  ask(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, body?: object): Promise<unknown>;
}

export async function startInflux2(program: string): Promise<Influx2> {
  const dir = await scratchDir("influxdb2");
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const places = ["bolt-path", "sqlite-path", "engine-path"].flatMap((name) => [`--${name}`, resolve(dir, name)]);
  const child = await startChild({
    command: program,
    args: ["--http-bind-address", address, ...places, "--reporting-disabled", "--log-level", "error"],
    logFile: resolve(dir, "out.log"),
    env: { HOME: dir },
  });
  const url = `http://${address}`;
  const look = async () => {
    if (!child.running) return done("ended");
    const answer = await fetch(`${url}/health`);
    return answer.ok ? done("ready") : notYet(`answers ${answer.status}`);
  };
  const state = await until("an answer of InfluxDB 2", look, { timeoutMs: READY_TIMEOUT_MS });
  if (state === "ended") throw new Error(`InfluxDB did not start: ${await child.ended}\n${await child.logTail()}`);
  const ask: Influx2["ask"] = async (method, path, body) => {
    const headers = { authorization: `Token ${ROOT_TOKEN}`, "content-type": "application/json" };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(url + path, { method, headers, ...sent });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: InfluxDB answers ${answer.status}: ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  const setup = { username: "root", password: "root-password", org: ORG, bucket: "first", token: ROOT_TOKEN };
  await ask("POST", "/api/v2/setup", setup);
  return {
    url,
    ask,
    [Symbol.asyncDispose]: async () => {
      await child.kill();
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
