/**
 * # Telegraf's burrow input, as a client of /v3
 *
 * What influxdata/telegraf (plugins/inputs/burrow) sends and reads: the list of clusters, of each its topics and groups at once, then
 * a request per topic and per group, 20 connections in all, five seconds each, Basic access. 200 alone is an answer; what fails makes
 * no point, and the others go on. Names are escaped, then put into a path that is escaped again: a name with a blank is asked for as
 * one with "%20". Whole numbers are read as such: a fraction is an error.
 */

import { Agent, request } from "node:http";
import { z } from "zod";

const CONNECTIONS = 20;
const TIMEOUT_MS = 5_000;

/** Codes of Telegraf's own, which knows no REWIND. */
const CODES: Readonly<Record<string, number>> = { OK: 1, NOT_FOUND: 2, WARN: 3, ERR: 4, STOP: 5, STALL: 6 };

const Sample = z.object({ offset: z.int(), timestamp: z.int() }).nullable();
const Partition = z.object({
  topic: z.string(),
  partition: z.int(),
  owner: z.string(),
  status: z.string(),
  current_lag: z.int(),
  end: Sample,
});
const Answer = z.object({
  clusters: z.array(z.string()).default([]),
  topics: z.array(z.string()).default([]),
  consumers: z.array(z.string()).default([]),
  offsets: z.array(z.int()).default([]),
  status: z
    .object({
      group: z.string(),
      status: z.string(),
      partition_count: z.int(),
      partitions: z.array(Partition),
      totallag: z.int(),
      maxlag: z.object({ current_lag: z.int() }).nullable(),
    })
    .optional(),
});
type Answer = z.output<typeof Answer>;

export interface Gathered {
  readonly requests: number;
  readonly errors: readonly string[];
  /** Fields of `burrow_group`, by cluster and group. */
  readonly groups: ReadonlyMap<string, Readonly<Record<string, number | string>>>;
  readonly partitions: number;
  /** Newest offsets by cluster and topic. */
  readonly topics: ReadonlyMap<string, readonly number[]>;
}

/** One gathering of all that a server has. */
export async function gather(port: number, password?: string): Promise<Gathered> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const errors: string[] = [];
  let requests = 0;
  const get = async (path: string): Promise<Answer | undefined> => {
    requests += 1;
    const answer = await asked({ agent, port, path, password }).catch((cause: Error) => cause.message);
    if (typeof answer !== "string") return answer;
    errors.push(answer);
    return undefined;
  };
  const groups = new Map<string, Readonly<Record<string, number | string>>>();
  const topics = new Map<string, readonly number[]>();
  let partitions = 0;
  const cluster = async (name: string): Promise<void> => {
    const base = `/v3/kafka/${escaped(name)}`;
    const [topicList, groupList] = await Promise.all([get(`${base}/topic`), get(`${base}/consumer`)]);
    const ofTopics = (topicList?.topics ?? []).map(async (topic) => {
      const answer = await get(`${base}/topic/${escaped(topic)}`);
      if (answer !== undefined) topics.set(`${name} ${topic}`, answer.offsets);
    });
    const ofGroups = (groupList?.consumers ?? []).map(async (group) => {
      const status = (await get(`${base}/consumer/${escaped(group)}/lag`))?.status;
      if (status === undefined) return;
      partitions += status.partitions.length;
      groups.set(`${name} ${status.group}`, groupFields(status));
    });
    await Promise.all([...ofTopics, ...ofGroups]);
  };
  try {
    await Promise.all(((await get("/v3/kafka"))?.clusters ?? []).map(cluster));
  } finally {
    agent.destroy();
  }
  return { requests, errors, groups, partitions, topics };
}

function groupFields(status: NonNullable<Answer["status"]>) {
  const ends = status.partitions.map(({ end }) => end ?? { offset: 0, timestamp: 0 });
  return {
    status: status.status,
    status_code: CODES[status.status] ?? 0,
    partition_count: status.partition_count,
    total_lag: status.totallag,
    lag: status.maxlag?.current_lag ?? 0,
    offset: ends.reduce((sum, { offset }) => sum + offset, 0),
    timestamp: Math.max(0, ...ends.map(({ timestamp }) => timestamp)),
  };
}

interface Asked {
  readonly agent: Agent;
  readonly port: number;
  readonly path: string;
  readonly password: string | undefined;
}

function asked({ agent, port, path, password }: Asked): Promise<Answer> {
  const auth = password === undefined ? {} : { auth: `telegraf:${password}` };
  const headers = { "user-agent": "Go-http-client/1.1", "accept-encoding": "identity" };
  return new Promise((resolve, reject) => {
    const options = { agent, host: "127.0.0.1", port, path, headers, timeout: TIMEOUT_MS, ...auth };
    const sent = request(options, (response) => {
      const parts: Buffer[] = [];
      response.on("error", reject);
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => {
        if (response.statusCode !== 200) return reject(new Error(`wrong response: ${response.statusCode}`));
        try {
          resolve(Answer.parse(JSON.parse(Buffer.concat(parts).toString())));
        } catch (cause) {
          reject(cause);
        }
      });
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)));
    sent.on("error", reject);
    sent.end();
  });
}

/** `url.PathEscape`, and then what `url.URL` makes of the result when it is a path (Go, net/url). */
function escaped(name: string): string {
  const once = escapedBut(name, /[A-Za-z0-9\-_.~$&+:=@]/);
  return escapedBut(once, /[A-Za-z0-9\-_.~$&+,/:;=@]/);
}

function escapedBut(text: string, kept: RegExp): string {
  return [...Buffer.from(text)]
    .map((byte) => [String.fromCharCode(byte), `%${byte.toString(16).toUpperCase().padStart(2, "0")}`] as const)
    .map(([character, inHex]) => (kept.test(character) ? character : inHex))
    .join("");
}
