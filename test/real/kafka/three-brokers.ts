/**
 * # Three real brokers
 *
 * The first is the controller, too, and so must not be killed; everything internal has three replicas, so that whatever else goes
 * has somewhere to move to.
 */

import { freePorts } from "../ports.ts";
import type { Broker } from "./broker.ts";
import { startBroker } from "./broker.ts";
import type { KafkaVersion } from "./jars.ts";
import type { Target } from "./tools.ts";

export interface ThreeBrokers extends AsyncDisposable, Target {
  readonly servers: readonly string[];
  /** By id, 1 to 3. */
  broker(id: number): Broker;
}

export async function startThreeBrokers(version: KafkaVersion): Promise<ThreeBrokers> {
  await using stack = new AsyncDisposableStack();
  const [controllerPort = 0, ...ports] = await freePorts(4);
  const brokers: Broker[] = [];
  for (const [index, port] of ports.entries()) {
    const properties = propertiesOf({ id: index + 1, port, controllerPort });
    brokers.push(stack.use(await startBroker({ version, port, properties })));
  }
  const held = stack.move();
  const servers = brokers.map(({ bootstrap }) => bootstrap);
  return {
    version,
    servers,
    bootstrap: servers.join(","),
    broker: (id) => {
      const broker = brokers[id - 1];
      if (broker === undefined) throw new RangeError(`no broker ${id}`);
      return broker;
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

interface Node {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
}

function propertiesOf({ id, port, controllerPort }: Node): Readonly<Record<string, string>> {
  const plain = `PLAINTEXT://127.0.0.1:${port}`;
  return {
    "node.id": String(id),
    "process.roles": id === 1 ? "broker,controller" : "broker",
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    listeners: id === 1 ? `${plain},CONTROLLER://127.0.0.1:${controllerPort}` : plain,
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
  };
}
