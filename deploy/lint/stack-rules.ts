/**
 * # What every container of the stack must keep
 *
 * After sections 4 and 5 of the CIS Docker Benchmark. A rule is a function from the stack to sentences, one per breach.
 */

import type { Service, Stack } from "./stack.ts";
import { isOneShot, isOurs, mountsOf } from "./stack.ts";

export type StackRule = (stack: Stack) => readonly string[];

/** Of each service that breaks it: its name, and what is wrong. */
function each(wrong: (service: Service, name: string) => string | undefined): StackRule {
  return ({ services }) =>
    Object.entries(services).flatMap(([name, service]) => {
      const found = wrong(service, name);
      return found === undefined ? [] : [`${name}: ${found}`];
    });
}

/** The codecs of Kafka and the native parts of Elasticsearch are loaded from there. */
const RUNS_FROM_TMP: ReadonlySet<string> = new Set(["kafka", "elasticsearch"]);
/** Where ours may write: a spool or saved windows, and what Grafana is told by. */
const OURS_WRITABLE: ReadonlySet<string> = new Set(["/var/lib/tidemark", "/var/lib/grafana-provisioning"]);
/** A secret by name; what only says where one is does not hold one. */
const SECRET_NAME = /(PASSWORD|TOKEN|SECRET|API_?KEY|CREDENTIAL)/i;

export const CONTAINER_RULES: Readonly<Record<string, StackRule>> = {
  "no container runs as root": each(({ user }) =>
    /^[1-9]\d*:\d+$/.test(user ?? "") ? undefined : `its user is ${user ?? "the image's"}`,
  ),
  "every root is read-only": each(({ read_only: isReadOnly }) => (isReadOnly ? undefined : "its root can be written")),
  "every capability is dropped": each(({ cap_drop: dropped }) =>
    dropped.includes("ALL") ? undefined : `only ${dropped.join(", ")} are dropped`,
  ),
  "no process gains privileges": each(({ security_opt: options }) =>
    options.includes("no-new-privileges:true") ? undefined : "no-new-privileges is not set",
  ),
  "processes, memory and processors have limits": each(({ pids_limit: pids, mem_limit: memory, cpus }) =>
    pids !== undefined && memory !== undefined && cpus !== undefined
      ? undefined
      : "pids_limit, mem_limit or cpus is not set",
  ),
  "no container restarts for ever": each(({ restart }) =>
    /^(no|on-failure:\d+)$/.test(restart ?? "") ? undefined : `restart is ${restart ?? "not set"}`,
  ),
  "logs on disk have a limit": each(({ logging }) =>
    logging?.options["max-size"] !== undefined && logging.options["max-file"] !== undefined ? undefined : "no limit",
  ),
  "no container holds the socket of Docker": each((service) =>
    mountsOf(service).some(({ source }) => source.includes("docker.sock")) ? "it can start containers" : undefined,
  ),
  "what is mounted from the host cannot be written": each((service) => {
    const open = mountsOf(service).find(({ source, isReadOnly }) => source.startsWith(".") && !isReadOnly);
    return open === undefined ? undefined : `${open.source} can be written`;
  }),
  "ours write to their own volume alone": each((service) => {
    const open = mountsOf(service).find(({ target, isReadOnly }) => !isReadOnly && !OURS_WRITABLE.has(target));
    return isOurs(service) && open !== undefined ? `${open.target} can be written` : undefined;
  }),
  "what is temporary is in memory, with a limit, and runs nothing": each(({ tmpfs }, name) => {
    if (!tmpfs.some((one) => one.startsWith("/tmp:"))) return "no /tmp in memory";
    const unbounded = tmpfs.find((one) => !/size=\d+m/.test(one));
    if (unbounded !== undefined) return `${unbounded} has no size`;
    const runs = tmpfs.find((one) => !/\bnoexec\b/.test(one));
    return runs === undefined || RUNS_FROM_TMP.has(name) ? undefined : `programs run from ${runs}`;
  }),
  "every image is pinned": each(({ image }) =>
    /@sha256:[0-9a-f]{64}$|:(\$\{[A-Z_]+:-)?[\w.-]*\d[\w.-]*\}?$|^tidemark:local$/.test(image)
      ? undefined
      : `its image is ${image}`,
  ),
  "no secret stands in the environment": each(({ environment }) => {
    const open = Object.entries(environment).find(
      ([name, value]) => SECRET_NAME.test(name) && !/_FILE$/.test(name) && !/^\$\{[A-Z_]+:-\}$/.test(value),
    );
    return open === undefined ? undefined : `${open[0]} is written in the file`;
  }),
  "what runs says whether it is healthy": each((service) => {
    if (service.healthcheck !== undefined && "test" in service.healthcheck) return undefined;
    return isOneShot(service) ? undefined : "it has no healthcheck";
  }),
};
