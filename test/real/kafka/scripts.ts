/**
 * # Kafka's shell scripts, by their names
 *
 * Pages for people name `kafka-consumer-groups.sh`; from Maven there are only the classes behind it. A folder of scripts of those names, to be put
 * before PATH.
 */

import { chmod, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { scratchDir } from "../places.ts";
import { type KafkaVersion, kafkaJars } from "./jars.ts";

const CLASSES: Readonly<Record<string, string>> = {
  "kafka-configs.sh": "kafka.admin.ConfigCommand",
  "kafka-console-consumer.sh": "org.apache.kafka.tools.consumer.ConsoleConsumer",
  "kafka-consumer-groups.sh": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
  "kafka-topics.sh": "org.apache.kafka.tools.TopicCommand",
  "kafka-transactions.sh": "org.apache.kafka.tools.TransactionsCommand",
};

export async function kafkaScripts(version: KafkaVersion): Promise<string> {
  const dir = await scratchDir("scripts");
  const java = `exec java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "${await kafkaJars(version)}/*"`;
  for (const [script, main] of Object.entries(CLASSES)) {
    const file = resolve(dir, script);
    await writeFile(file, `#!/bin/sh\n${java} ${main} "$@"\n`);
    await chmod(file, 0o755);
  }
  return dir;
}
