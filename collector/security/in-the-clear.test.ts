/** Which of the ways sends a secret that others on the network can read. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { isInTheClear } from "./in-the-clear.ts";
import { SaslConfig } from "./security-config.ts";

const login = { username: "u", password: "p" };
const rows = [
  ["PLAIN without TLS", { brokers: ["kafka-1:9092"], sasl: { mechanism: "plain", ...login } }, true],
  ["PLAIN with TLS", { brokers: ["kafka-1:9092"], tls: {}, sasl: { mechanism: "plain", ...login } }, false],
  ["PLAIN to this machine", { brokers: ["127.0.0.1:1", "[::1]:1"], sasl: { mechanism: "plain", ...login } }, false],
  ["PLAIN to others, too", { brokers: ["127.0.0.1:1", "kafka-1:1"], sasl: { mechanism: "plain", ...login } }, true],
  ["SCRAM without TLS", { brokers: ["kafka-1:9092"], sasl: { mechanism: "scram-sha-256", ...login } }, false],
  [
    "a token without TLS",
    {
      brokers: ["kafka-1:9092"],
      sasl: { mechanism: "oauthbearer", token_url: "https://idp/", client_id: "c", client_secret: "s" },
    },
    true,
  ],
  ["a signed URL without TLS", { brokers: ["b-1:9098"], sasl: { mechanism: "aws-msk-iam", region: "r" } }, true],
  ["nothing at all", { brokers: ["kafka-1:9092"] }, false],
] as const;
for (const [name, { brokers, ...rest }, want] of rows) {
  test(name, () => {
    const sasl = "sasl" in rest ? SaslConfig.parse(rest.sasl) : undefined;
    const tls = "tls" in rest ? rest.tls : undefined;
    assert.equal(isInTheClear({ brokers, tls, sasl }), want);
  });
}
