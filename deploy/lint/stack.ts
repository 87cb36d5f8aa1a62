/**
 * # docker-compose.yml as the rules see it
 *
 * Of the long forms only what the file uses; another form, or an unknown key of a service, is refused, since no rule would see it.
 */

import { parse } from "yaml";
import { z } from "zod";

const Text = z.union([z.string(), z.number()]).transform(String);

const Healthcheck = z.union([
  z.strictObject({ disable: z.literal(true) }),
  z.strictObject({
    test: z.array(z.string()).min(2),
    interval: z.string(),
    timeout: z.string(),
    retries: z.int(),
  }),
]);

const Service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string() }).optional(),
  profiles: z.array(z.string()).default([]),
  user: z.string().optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), Text).default({}),
  volumes: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()).default([]),
  secrets: z.array(z.string()).default([]),
  networks: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).default({}),
  healthcheck: Healthcheck.optional(),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  restart: z.string().optional(),
  stop_grace_period: z.string().optional(),
  pids_limit: z.int().optional(),
  mem_limit: z.string().optional(),
  cpus: z.number().optional(),
  logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), z.string()) }).optional(),
});
export type Service = z.output<typeof Service>;

const Stack = z.looseObject({
  services: z.record(z.string(), Service),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean().default(false) })),
  volumes: z.record(z.string(), z.strictObject({})),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
});
export type Stack = z.output<typeof Stack>;

export function parseStack(text: string): Stack {
  return Stack.parse(parse(text, { merge: true }));
}

export interface Mount {
  /** A path beside the file, or the name of a volume. */
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
}

export function mountsOf({ volumes }: Service): readonly Mount[] {
  return volumes.map((volume) => {
    const [source = "", target = "", mode] = volume.split(":");
    return { source, target, isReadOnly: mode === "ro" };
  });
}

/** What ends by itself, and has to end well. */
export function isOneShot({ restart }: Service): boolean {
  return restart === "no";
}

export function isOurs({ image }: Service): boolean {
  return image.startsWith("tidemark:");
}
