/**
 * # InfluxDB 1.x: the first admin, then the other accounts
 */

import { z } from "zod";
import type { AccountPasswords } from "./elasticsearch-accounts.ts";
import type { Wait } from "./http.ts";
import { askUntilAnswered, basicOf, mustAnswer } from "./http.ts";
import { firstAdmin, INFLUXDB_ADMIN, influxdbAccounts } from "./influxdb-accounts.ts";

export interface InfluxAccess {
  readonly url: string;
  readonly adminPassword: string;
  readonly wait: Wait;
}

const Answer = z.looseObject({
  results: z.array(
    z.looseObject({
      error: z.string().optional(),
      series: z.array(z.looseObject({ values: z.array(z.array(z.unknown())).default([]) })).default([]),
    }),
  ),
});

/** A server without any user lets one be made by whoever comes first. */
export async function ensureAdmin({ url, adminPassword, wait }: InfluxAccess): Promise<void> {
  const asAdmin = {
    method: "POST",
    url: `${url}/query`,
    authorization: basicOf(INFLUXDB_ADMIN, adminPassword),
  } as const;
  const { status } = await askUntilAnswered({ ...asAdmin, body: statement("SHOW USERS") }, wait);
  if (status < 300) return;
  await mustAnswer({ ...asAdmin, authorization: undefined, body: statement(firstAdmin(adminPassword)) }, wait);
}

export async function ensureAccounts(access: InfluxAccess, passwords: AccountPasswords): Promise<void> {
  const known = new Set((await ask(access, "SHOW USERS")).map(([name]) => String(name)));
  for (const one of influxdbAccounts(passwords, known)) await ask(access, one);
}

async function ask({ url, adminPassword, wait }: InfluxAccess, text: string): Promise<readonly (readonly unknown[])[]> {
  const authorization = basicOf(INFLUXDB_ADMIN, adminPassword);
  const said = await mustAnswer({ method: "POST", url: `${url}/query`, authorization, body: statement(text) }, wait);
  const [result] = Answer.parse(JSON.parse(said)).results;
  // Not the statement: a password stands in it.
  if (result?.error !== undefined) throw new Error(`InfluxDB refuses to ${text.split('"', 1)[0]}: ${result.error}`);
  return result?.series.flatMap(({ values }) => values) ?? [];
}

function statement(text: string): URLSearchParams {
  return new URLSearchParams({ q: text });
}
