/**
 * # Where the alerts of the smoke check go
 *
 * Each message is one line of standard output, as Grafana sent it.
 */

import { createServer } from "node:http";
import { text } from "node:stream/consumers";

const PORT = 9_000;

const server = createServer((request, response) => {
  void text(request).then((body) => {
    if (request.method === "POST") process.stdout.write(`${JSON.stringify(JSON.parse(body))}\n`);
    response.end("ok\n");
  });
});
server.listen(PORT);
for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => process.exit(0));
