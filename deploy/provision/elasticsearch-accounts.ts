/**
 * # Who may do what in Elasticsearch, as requests
 *
 * The least rights of docs/stores.md. To ask for the same again changes nothing but a rotated password.
 */

export interface AccountRequest {
  readonly path: string;
  readonly body: object;
}

export interface AccountPasswords {
  readonly shipper: string;
  readonly grafana: string;
}

const INDICES = "tidemark-*";

const ACCOUNTS = [
  // Writes points, and reads the template to know that it fits.
  { name: "tidemark_shipper", of: "shipper", privileges: ["create_doc", "auto_configure"] },
  // Reads points; `monitor` is what Grafana's own look at a data source asks for.
  { name: "tidemark_grafana", of: "grafana", privileges: ["read", "view_index_metadata"] },
] as const;

export function elasticsearchAccounts(passwords: AccountPasswords): readonly AccountRequest[] {
  return ACCOUNTS.flatMap(({ name, of, privileges }) => [
    { path: `/_security/role/${name}`, body: { cluster: ["monitor"], indices: [{ names: [INDICES], privileges }] } },
    { path: `/_security/user/${name}`, body: { password: passwords[of], roles: [name] } },
  ]);
}
