/** # Which folder may import what: the rows of the dashboards */

/** As in architecture-rows.ts, which these are a part of. */
export const DASHBOARD_ROWS: readonly {
  readonly path: string;
  readonly purpose: string;
  readonly imports: readonly string[];
}[] = [
  { path: "dashboards", purpose: "boards and alerts from the fields of history", imports: ["shipper/schema"] },
  {
    path: "dashboards/alerts",
    purpose: "alerts, for Grafana and Prometheus",
    imports: ["dashboards", "shipper/schema"],
  },
  {
    path: "dashboards/alerts/alert-list.ts",
    purpose: "the table of alerts",
    imports: ["dashboards", "docs/markdown-table.ts"],
  },
  {
    path: "dashboards/board-list.ts",
    purpose: "which store answers which question",
    imports: ["dashboards", "docs/markdown-table.ts"],
  },
  {
    path: "dashboards/provisioning",
    purpose: "files by which Grafana finds stores and boards",
    imports: ["dashboards", "yaml"],
  },
  {
    path: "dashboards/generate.ts",
    purpose: "writes and checks what is generated",
    imports: ["dashboards", "node:fs", "node:path"],
  },
  {
    path: "dashboards/lint",
    purpose: "what every board must keep",
    imports: ["@prometheus-io/lezer-promql", "dashboards", "shipper/schema", "yaml", "zod"],
  },
  {
    path: "test/real/prometheus",
    purpose: "a real Prometheus over given history, or scraping a product",
    imports: ["kafkajs", "node:child_process", "node:fs", "node:fs/promises", "node:path", "node:util", "test/real"],
  },
  {
    path: "test/real/alerts",
    purpose: "every alert, on real stores and with the tools of Prometheus",
    imports: [
      "cli",
      "collector/model",
      "dashboards/lint",
      "kafkajs",
      "node:vm",
      "shipper",
      "simulator",
      "test/real",
      "yaml",
    ],
  },
  {
    path: "test/real/grafana",
    purpose: "a real Grafana over the committed provisioning",
    imports: [
      "dashboards/lint",
      "node:crypto",
      "node:fs",
      "node:fs/promises",
      "node:http",
      "node:net",
      "node:path",
      "node:stream/consumers",
      "playwright-core",
      "shipper",
      "simulator",
      "test/notices.ts",
      "test/real",
      "zod",
    ],
  },
  {
    path: "test/real/boards",
    purpose: "every query of every board, asked of real stores",
    imports: ["collector", "dashboards/lint", "node:fs", "node:path", "runtime", "shipper", "simulator", "test/real"],
  },
];
