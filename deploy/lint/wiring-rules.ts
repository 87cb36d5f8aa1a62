/**
 * # How the containers of the stack hang together
 *
 * Who reaches whom, who is seen from outside, who waits for whom. A rule is a function from the stack to sentences.
 */

import type { Service, Stack } from "./stack.ts";
import { isOneShot } from "./stack.ts";
import type { StackRule } from "./stack-rules.ts";

/** What people and programs of the host ask; all else is asked through them. */
const PUBLISHED: ReadonlySet<string> = new Set(["grafana", "collector"]);

function services(stack: Stack): readonly (readonly [string, Service])[] {
  return Object.entries(stack.services);
}

export const WIRING_RULES: Readonly<Record<string, StackRule>> = {
  "only Grafana and the API are published, on loopback": (stack) =>
    services(stack).flatMap(([name, { ports }]) =>
      ports.flatMap((port) => {
        if (!PUBLISHED.has(name)) return [`${name}: publishes ${port}`];
        return port.startsWith("127.0.0.1:") ? [] : [`${name}: ${port} is open to other machines`];
      }),
    ),
  "stores and brokers are on networks that lead nowhere": (stack) =>
    services(stack).flatMap(([name, { networks }]) => {
      const open = networks.filter((network) => stack.networks[network]?.internal !== true);
      return open.length === 0 || PUBLISHED.has(name) ? [] : [`${name}: ${open.join(", ")} is not internal`];
    }),
  "every container is on a network of ours": (stack) =>
    services(stack).flatMap(([name, { networks }]) =>
      networks.length > 0 && networks.every((network) => stack.networks[network] !== undefined)
        ? []
        : [`${name}: would be on the default network`],
    ),
  "who waits for health waits for what has a healthcheck": (stack) =>
    dependencies(stack).flatMap(({ name, on, condition, target }) => {
      if (condition !== "service_healthy") return [];
      const isChecked = target?.healthcheck !== undefined && "test" in target.healthcheck;
      return isChecked ? [] : [`${name}: waits for the health of ${on}, which has none`];
    }),
  // `up --wait` takes the end of a container for a failure, unless another waits for it to end.
  "whatever ends by itself is waited for": (stack) =>
    services(stack).flatMap(([name, service]) => {
      const waiting = dependencies(stack).filter(
        ({ on, condition }) => on === name && condition === "service_completed_successfully",
      );
      return isOneShot(service) === waiting.length > 0 ? [] : [`${name}: ends by itself, or is taken for such`];
    }),
  "no container waits for one of a profile that may be off": (stack) =>
    dependencies(stack).flatMap(({ name, on, service, target }) => {
      const isThere = target?.profiles.every((profile) => service.profiles.includes(profile));
      return isThere ? [] : [`${name}: waits for ${on}, which may not be there`];
    }),
  "every secret is a file of its own, and is used": (stack) => {
    const used = new Set(services(stack).flatMap(([, { secrets }]) => secrets));
    const named = Object.entries(stack.secrets);
    return [
      ...named.flatMap(([name, { file }]) => (file === `./secrets/${name}` ? [] : [`${name}: is ${file}`])),
      ...named.flatMap(([name]) => (used.has(name) ? [] : [`${name}: nobody reads it`])),
      ...[...used].flatMap((name) => (stack.secrets[name] === undefined ? [`${name}: nobody makes it`] : [])),
    ];
  },
  "every volume is named, and is used": (stack) => {
    const used = new Set(
      services(stack).flatMap(([, { volumes }]) => volumes.map((volume) => volume.split(":")[0] ?? "")),
    );
    const volumes = [...used].filter((source) => !source.startsWith("."));
    return [
      ...volumes.flatMap((name) => (stack.volumes[name] === undefined ? [`${name}: is not named`] : [])),
      ...Object.keys(stack.volumes).flatMap((name) => (used.has(name) ? [] : [`${name}: nobody mounts it`])),
    ];
  },
};

interface Dependency {
  readonly name: string;
  readonly service: Service;
  readonly on: string;
  readonly target: Service | undefined;
  readonly condition: string;
}

function dependencies(stack: Stack): readonly Dependency[] {
  return services(stack).flatMap(([name, service]) =>
    Object.entries(service.depends_on).map(([on, { condition }]) => ({
      name,
      service,
      on,
      target: stack.services[on],
      condition,
    })),
  );
}
