/** # The stores of the stack, as Grafana knows them, and what of the demonstration is looked at */

const one = { cluster: "demo", group: "shop-mailer", topic: "shop-mail" } as const;

export const STORES = [
  { store: "elasticsearch", type: "elasticsearch", uid: "tidemark-es", variables: { ...one, instance: "*" } },
  { store: "influxdb", type: "influxdb", uid: "tidemark-influx", variables: { ...one, instance: ".*" } },
  { store: "prometheus", type: "prometheus", uid: "tidemark-prom", variables: { ...one, instance: ".+" } },
] as const;

/** Stopped, and started again. */
export const STOPPED = { service: "demo-mailer", group: one.group, alert: "GroupStopped" } as const;
