/** # Where a Grafana of a test sends its alerts to */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { z } from "zod";

const Message = z.object({
  status: z.enum(["firing", "resolved"]),
  title: z.string(),
  message: z.string(),
  alerts: z.array(
    z.object({
      status: z.enum(["firing", "resolved"]),
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
      panelURL: z.string().optional(),
    }),
  ),
});
export type Message = z.output<typeof Message>;

export interface Webhook extends AsyncDisposable {
  readonly url: string;
  /** What came, the oldest first. */
  messages(): readonly Message[];
}

export async function startWebhook(): Promise<Webhook> {
  const messages: Message[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      messages.push(Message.parse(JSON.parse(body)));
      response.end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/alerts`,
    messages: () => messages,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}
