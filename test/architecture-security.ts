/** # Which folder may import what: the rows of credentials */

/** As in architecture-rows.ts, which these are a part of. */
export const SECURITY_ROWS: readonly {
  readonly path: string;
  readonly purpose: string;
  readonly imports: readonly string[];
}[] = [
  {
    path: "collector/security",
    purpose: "who we are to a cluster: certificates, passwords, tokens",
    imports: ["node:crypto", "node:fs", "node:http", "node:https", "node:tls", "runtime", "zod"],
  },
  {
    path: "collector/security/security-config.ts",
    purpose: "TLS and SASL in the configuration",
    imports: ["zod"],
  },
];
