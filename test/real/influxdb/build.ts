/**
 * # InfluxDB 1.8 and 2.7, from their sources
 *
 *   nice -n 19 node test/real/influxdb/build.ts [VERSION...]
 * No registry has these servers as programs, but the Go proxy has their modules and crates.io what those need: Go, Rust, a C
 * compiler, a few minutes of all cores. A step by hand, kept in `.cache/influxdb-<version>/influxd` (built.ts); what the tools
 * cache on the way, some gigabytes, is removed again.
 */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, chmod, cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { scratchDir } from "../places.ts";
import { BUILT, type BuiltVersion, builtAt } from "./built.ts";

const run = promisify(execFile);
const TIMEOUT_MS = 7_200_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
/** Finds the Rust library of Flux for cgo, and builds it. */
const PKG_CONFIG = "github.com/influxdata/pkg-config@v0.2.7";

interface Workshop {
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
}

async function openWorkshop(): Promise<Workshop> {
  const dir = await scratchDir("influxdb-build");
  const bin = resolve(dir, "bin");
  const { stdout: toolchain } = await run("rustup", ["show", "active-toolchain"]);
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env["PATH"]}`,
    GOBIN: bin,
    GOCACHE: resolve(dir, "go-build"),
    GOMODCACHE: resolve(dir, "modules"),
    GOFLAGS: "-modcacherw",
    // Flux names a toolchain of its own, which would have to be fetched.
    RUSTUP_TOOLCHAIN: toolchain.split(" ")[0] ?? "stable",
    CARGO_PROFILE_RELEASE_LTO: "false",
    PKG_CONFIG: resolve(bin, "pkg-config"),
  };
  await go({ dir, env }, ["install", PKG_CONFIG]);
  return { dir, env };
}

async function go({ dir, env }: Workshop, args: readonly string[], cwd = dir): Promise<string> {
  const options = { cwd, env, timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX };
  return (await run("go", [...args], options)).stdout;
}

/** A module's files, as a folder that may be changed. */
async function sourcesOf(workshop: Workshop, module: string, name: string): Promise<string> {
  const { Dir: dir } = JSON.parse(await go(workshop, ["mod", "download", "-json", module])) as { readonly Dir: string };
  const copy = resolve(workshop.dir, name);
  await cp(dir, copy, { recursive: true });
  await run("chmod", ["-R", "u+w", copy]);
  return copy;
}

/** Rust warns of more with each version, and `strict` makes errors of it. */
async function lenientFlux(workshop: Workshop, version: string): Promise<string> {
  const sources = await sourcesOf(workshop, `github.com/influxdata/flux@${version}`, "flux");
  for (const crate of ["flux", "flux-core"]) {
    const path = resolve(sources, "libflux", crate, "Cargo.toml");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace(/^default = \["strict"(?:, )?/m, "default = ["));
  }
  return sources;
}

async function build(workshop: Workshop, version: BuiltVersion): Promise<void> {
  const { module, flux } = BUILT[version];
  const sources = await sourcesOf(workshop, `${module}@v${version}`, `influxdb-${version}`);
  if (flux !== undefined) {
    await appendFile(
      resolve(sources, "go.mod"),
      `\nreplace github.com/influxdata/flux => ${await lenientFlux(workshop, flux)}\n`,
    );
  }
  const program = resolve(workshop.dir, `influxd-${version}`);
  const ldflags = `-s -w -X main.version=${flux === undefined ? version : `v${version}`}`;
  await go(workshop, ["build", "-mod=mod", "-ldflags", ldflags, "-o", program, "./cmd/influxd"], sources);
  const home = resolve(builtAt(version), "..");
  await mkdir(home, { recursive: true });
  await chmod(program, 0o755);
  await rename(program, builtAt(version));
}

const asked = process.argv.slice(2);
const versions = (Object.keys(BUILT) as BuiltVersion[]).filter((one) => asked.length === 0 || asked.includes(one));
const missing = versions.filter((one) => !existsSync(builtAt(one)));
if (missing.length > 0) {
  const workshop = await openWorkshop();
  try {
    for (const version of missing) await build(workshop, version);
  } finally {
    if (process.env["KEEP_BUILD"] === undefined) await rm(workshop.dir, { recursive: true, force: true });
  }
}
for (const version of versions) console.log(`InfluxDB ${version}: ${builtAt(version)}`);
