/**
 * # What the image must keep
 *
 *     file        := (comment | instruction)*
 *     instruction := WORD rest, where a line that ends with a backslash goes on in the next one
 *
 * A rule is a function from the instructions to sentences, one per breach.
 */

export interface Instruction {
  readonly word: string;
  readonly rest: string;
}

export type ImageRule = (file: readonly Instruction[]) => readonly string[];

export function parseDockerfile(text: string): readonly Instruction[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n/g, " ")
    .split("\n");
  return lines
    .filter((line) => line.trim() !== "")
    .map((line) => ({ word: line.split(" ", 1)[0] ?? "", rest: line.slice(line.indexOf(" ") + 1).trim() }));
}

/** The instructions of the last stage: what is shipped. */
function shipped(file: readonly Instruction[]): readonly Instruction[] {
  return file.slice(file.findLastIndex(({ word }) => word === "FROM"));
}

function found(file: readonly Instruction[], words: readonly string[], says: string): readonly string[] {
  return file.filter(({ word }) => words.includes(word)).map(({ word, rest }) => `${word} ${rest}: ${says}`);
}

export const IMAGE_RULES: Readonly<Record<string, ImageRule>> = {
  "both bases are pinned by tag or digest, and may be given": (file) => {
    const given = new Map(file.filter(({ word }) => word === "ARG").map(({ rest }) => split(rest)));
    return file
      .filter(({ word }) => word === "FROM")
      .flatMap(({ rest }) => {
        const base = given.get(/^\$\{(\w+)\}/.exec(rest)?.[1] ?? "");
        const isPinned = /@sha256:[0-9a-f]{64}$|:\d[\w.-]*\.\d[\w.-]*$/.test(base ?? "");
        return isPinned ? [] : [`FROM ${rest}: ${base ?? "no argument"} is not pinned`];
      });
  },
  "it is built in one stage and shipped in another, where nothing is installed": (file) => [
    ...(file.filter(({ word }) => word === "FROM").length < 2 ? ["there is one stage only"] : []),
    ...found(shipped(file), ["RUN"], "the shipped stage runs commands"),
  ],
  "it runs as a user of its own, by number": (file) => {
    const user = shipped(file).findLast(({ word }) => word === "USER")?.rest;
    return /^[1-9]\d*:[1-9]\d*$/.test(user ?? "") ? [] : [`its user is ${user ?? "root"}`];
  },
  "files are copied, by name, and never fetched or unpacked": (file) => [
    ...found(file, ["ADD"], "fetches and unpacks"),
    ...found(
      shipped(file).filter(({ rest }) => /(^|\s)\.\/?\s+\S+$/.test(rest)),
      ["COPY"],
      "copies the whole tree",
    ),
  ],
  "packages come from the lock file, without their scripts and without those of development": (file) => {
    const commands = file.filter(({ word }) => word === "RUN").flatMap(({ rest }) => rest.split("&&"));
    const install = commands.find((command) => /npm (ci|install)/.test(command)) ?? "";
    const wanted = [/\bnpm ci\b/, /--omit=dev\b/, /--ignore-scripts\b/];
    return wanted.filter((one) => !one.test(install)).map((one) => `RUN: lacks ${one.source}`);
  },
  "it says whether it is alive, without a tool of another": (file) => {
    const check = shipped(file).find(({ word }) => word === "HEALTHCHECK")?.rest ?? "";
    return /CMD \["node", /.test(check) ? [] : [`its healthcheck is ${check === "" ? "not there" : check}`];
  },
  "no secret is in it": (file) =>
    file
      .filter(({ word }) => ["ARG", "ENV", "LABEL"].includes(word))
      .filter(({ rest }) => /(PASSWORD|TOKEN|SECRET|API_?KEY)/i.test(rest))
      .map(({ word, rest }) => `${word} ${rest}`),
  "it has a list of what it is made of, and says what it is": (file) => [
    ...(shipped(file).some(({ word, rest }) => word === "COPY" && rest.includes("sbom"))
      ? []
      : ["no bill of materials"]),
    ...(["title", "version", "revision", "licenses"] as const).flatMap((name) =>
      shipped(file).some(({ rest }) => rest.includes(`org.opencontainers.image.${name}=`)) ? [] : [`no label ${name}`],
    ),
  ],
};

function split(rest: string): readonly [string, string] {
  const [name = "", ...value] = rest.split("=");
  return [name, value.join("=")];
}
