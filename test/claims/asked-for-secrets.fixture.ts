/** All roads of the interfaces, asked with the token and with another: what comes back. */

import assert from "node:assert/strict";

const PATHS = [
  "metrics",
  "healthz",
  "readyz",
  "v3/kafka",
  "v3/kafka/file",
  "v3/kafka/file/consumer",
  "v3/config",
  "v3/config/cluster/tls",
  "v3/config/consumer/inline",
  "v3/config/consumer/environment",
  "v3/admin/loglevel",
  "v4/clusters",
  "v4/clusters/open/groups",
  "",
  "no/such",
  "%zz",
];

/** What writes, refused: for its token or for what it says. */
const POSTS = ["v3/admin/loglevel", "v4/clusters/open/groups/classic/deploys", "v3/kafka"];

/** What it answers whoever may ask, and whoever may not. */
export async function answersTo(
  port: number,
  { ours, asked }: { readonly ours: string; readonly asked: string },
): Promise<string> {
  const headers = [
    { authorization: `Bearer ${ours}` },
    { authorization: `Bearer ${asked}`, cookie: asked, "x-api-key": asked },
  ];
  const texts: string[] = [];
  for (const path of PATHS)
    for (const own of headers) {
      const answer = await fetch(`http://127.0.0.1:${port}/${path}`, { headers: own });
      texts.push(JSON.stringify([...answer.headers]), await answer.text());
    }
  for (const path of POSTS)
    for (const own of headers) {
      const body = JSON.stringify({ level: 7, name: "", [asked]: asked }).replace("}", "");
      const answer = await fetch(`http://127.0.0.1:${port}/${path}`, { method: "POST", headers: own, body });
      assert.ok(answer.status >= 400, path);
      texts.push(JSON.stringify([...answer.headers]), await answer.text());
    }
  return texts.join("\n");
}
