/** The harness on its own: the population is made on each broker, and Kafka's own tool sees the lags it was built to have. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { GONE_GROUPS, GROUPS_WITHOUT_OFFSETS } from "./expected.ts";
import { createPopulation } from "./groups.ts";
import { startBroker } from "./kafka/broker.ts";
import { KAFKA_VERSIONS } from "./kafka/jars.ts";
import { describeAllGroups, describeStates, listGroups } from "./kafka/tools.ts";

for (const version of KAFKA_VERSIONS) {
  test(`Kafka ${version}: every group of the population has the lag it was made with`, async (t) => {
    await using broker = await startBroker({ version });
    await using population = await createPopulation(broker);
    await population.rest();
    const [rows, states, names] = await Promise.all([
      describeAllGroups(broker),
      describeStates(broker),
      listGroups(broker),
    ]);
    for (const row of rows)
      t.diagnostic(`${row.group} ${row.topic}/${row.partition}: ${row.currentOffset} of ${row.logEndOffset}`);
    const lags = Map.groupBy(rows, ({ group }) => group);
    for (const { group, lagAtRest, members } of population.groups) {
      const lag = lags.get(group)?.reduce((sum, row) => sum + (row.lag ?? 0), 0);
      if (lagAtRest !== undefined) assert.equal(lag, lagAtRest, `lag of ${group}`);
      else assert.ok((lag ?? 0) > 0, `${group} has a lag`);
      assert.equal(states.find((state) => state.group === group)?.members, members, `members of ${group}`);
    }
    for (const group of GONE_GROUPS) assert.equal(names.includes(group), false, `${group} is gone`);
    for (const group of GROUPS_WITHOUT_OFFSETS) assert.equal(lags.has(group), false, `${group} has no offset`);
  });
}
