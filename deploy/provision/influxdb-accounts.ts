/**
 * # Who may do what in InfluxDB 1.x, as statements
 *
 * The least rights of docs/stores.md. The first admin is made by anybody while there is none; the rest by that admin, once the
 * database is there. Passwords are digits and letters (secret-files.ts), so nothing in them ends a quote.
 */

import type { AccountPasswords } from "./elasticsearch-accounts.ts";

export const INFLUXDB_ADMIN = "tidemark_admin";

export function firstAdmin(password: string): string {
  return `CREATE USER "${INFLUXDB_ADMIN}" WITH PASSWORD '${password}' WITH ALL PRIVILEGES`;
}

/** `known`: the users that are there; they get the password anew. */
export function influxdbAccounts(passwords: AccountPasswords, known: ReadonlySet<string>): readonly string[] {
  const accounts = [
    { name: "tidemark_shipper", password: passwords.shipper, right: "WRITE" },
    { name: "tidemark_grafana", password: passwords.grafana, right: "READ" },
  ];
  return accounts.flatMap(({ name, password, right }) => [
    known.has(name)
      ? `SET PASSWORD FOR "${name}" = '${password}'`
      : `CREATE USER "${name}" WITH PASSWORD '${password}'`,
    `GRANT ${right} ON "tidemark" TO "${name}"`,
  ]);
}
