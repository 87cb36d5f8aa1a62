/** What we are refused, what speaks another protocol, and what is not known yet: the collector over TCP against simulated brokers. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { suite, test } from "node:test";
import pino from "pino";
import type { GroupEvaluation } from "../../collector/model/evaluation.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import { done, notYet } from "../real/until.ts";
import { breachesWhile } from "../simulated/breaches.fixture.ts";
import type { Stage } from "../simulated/collector.fixture.ts";
import { commitAll, furnishedCluster, onStage, PARTITIONS, TOPIC } from "../simulated/collector.fixture.ts";
import { running } from "./running.fixture.ts";

const PASSWORDS = ["first-secret-0815", "second-secret-4711"] as const;

function statuses(group: GroupEvaluation | undefined): readonly string[] {
  return [...new Set((group?.partitions ?? []).map(({ status }) => status))].sort();
}

/** Everything that is logged, at every level. */
function writtenLog() {
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk, _encoding, next) => {
      lines.push(String(chunk));
      next();
    },
  });
  return { lines, logger: pino({ level: "trace" }, sink) };
}

suite("access, kinds and beginnings", { concurrency: true }, () => {
  test("C19: a password that is wrong, then mended, then rotated is taken from its file; what is denied is unauthorised, the rest is not; no secret in the log", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tidemark-secret-"));
    const file = join(folder, "kafka.secret");
    writeFileSync(file, "wrong-secret-666\n");
    const users = new Map<string, string>([["tidemark", PASSWORDS[0]]]);
    const { lines, logger } = writtenLog();
    try {
      await onStage(
        {
          brokers: { sasl: { mechanisms: ["PLAIN"], users } },
          client: { sasl: { mechanism: "plain", username: "tidemark", password_file: file } },
          logger,
          before: furnishFree,
          timeoutMs: 60_000,
        },
        async ({ cluster, brokers, view, shown, until, untilRight }) => {
          await until("we are refused", () => {
            const condition = view.condition();
            const isSaid = condition.kind === "unreachable" && /credentials/.test(condition.reason);
            return isSaid ? done(undefined) : notYet(JSON.stringify(condition));
          });
          writeFileSync(file, `${PASSWORDS[0]}\n`);
          await untilRight("the password is mended");

          writeFileSync(file, `${PASSWORDS[1]}\n`);
          users.set("tidemark", PASSWORDS[1]);
          for (const broker of [1, 2, 3]) {
            const up = brokers.faults.begin({ fault: "broker-down", broker });
            await brokers.settled();
            up();
          }
          commitAll(cluster, "classic", 71);
          await untilRight("connections are made anew, with the new password");

          const ends = [
            brokers.faults.begin({ fault: "deny-topic", topic: TOPIC }),
            brokers.faults.begin({ fault: "deny-group", group: "simple" }),
          ];
          await until("what is denied is said", () => {
            const said = statuses(shown("classic"));
            return said.join() === "unauthorised" ? done(undefined) : notYet(said.join());
          });
          assert.deepEqual([shown("classic")?.status, statuses(shown("free"))], ["unauthorised", ["OK"]]);
          for (const end of ends) end();
          await untilRight("it is allowed again");
        },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
    assert.ok(lines.length > 0);
    const told = lines.filter((line) => [...PASSWORDS, "wrong-secret-666"].some((secret) => line.includes(secret)));
    assert.deepEqual(told, []);
  });

  test("C20: a group of the new protocol, which describe requests of old call dead, is shown with its type, members and offsets, and neither missing nor empty", async () => {
    await onStage({}, async ({ view, shown, untilRight }) => {
      const dead = ({ group, state, type }: GroupEvaluation): string | undefined =>
        group === "modern" && (state === "Dead" || type === "classic") ? `${group} is ${type}, ${state}` : undefined;
      const breaches = await breachesWhile(view, dead, () => untilRight("all is shown"));
      assert.deepEqual(breaches, []);
      const { type, state, members, partitions } = shown("modern") ?? {};
      assert.deepEqual([type, state, members, partitions?.length], ["consumer", "Stable", 1, PARTITIONS]);
      assert.equal(shown("classic")?.type, "classic");
    });
  });

  test("C21: after a restart groups are warming, never well or ill, until the log is read; then windows are as full as before", async () => {
    const cluster = furnishedCluster();
    for (let round = 0; round < 12; round++)
      commitAll(cluster, "classic", 50 + round, Date.now() - 50_000 + round * 4_000);
    await using brokers = await startBrokers({ view: cluster, random: randomOf(1, "brokers") });
    const complete = ({ shown }: Pick<Stage, "shown">) => shown("classic")?.partitions.map((one) => one.complete);
    let before: ReturnType<typeof complete>;
    {
      await using first = running(cluster, brokers);
      await first.untilRight("all is shown");
      before = complete(first);
      assert.deepEqual(new Set(before), new Set([1]));
    }
    const ends = [1, 2, 3].map((broker) =>
      brokers.faults.begin({ fault: "slow", broker, api: "Fetch", delayMs: 1_500 }),
    );
    await using second = running(cluster, brokers);
    const judged = ({ group, status }: GroupEvaluation): string | undefined =>
      status === "warming" ? undefined : `${group} is ${status}`;
    const breaches = await breachesWhile(second.view, judged, () =>
      second.until("groups are listed", () => {
        const { length } = second.view.snapshot().groups;
        return length > 0 && second.view.condition().kind === "warming" ? done(undefined) : notYet(`${length} groups`);
      }),
    );
    assert.deepEqual(breaches, []);
    assert.equal(second.collector.readiness().ready, false);
    for (const end of ends) end();
    await second.untilRight("all is shown again");
    assert.deepEqual(complete(second), before);
  });
});

/** A group that nothing is denied to. */
function furnishFree(cluster: Stage["cluster"]): void {
  const atMs = Date.now();
  cluster.createTopic({ topic: "free", partitions: 1 }, atMs);
  cluster.append("free", 0, 10, atMs);
  cluster.commit({ group: "free", offsets: [{ topic: "free", partition: 0, committedOffset: 10 }], atMs });
}
