/**
 * # OpenMetrics 1.0, by negotiation
 *
 * What differs from text format 0.0.4 (prometheus/OpenMetrics, specification/OpenMetrics.md):
 *
 *     exposition := family* "# EOF\n"                     no empty lines
 *     family     := "# HELP " family-name ... "# TYPE " family-name ... [ "# UNIT " family-name " " unit "\n" ] sample*
 *
 * - A counter's family has no `_total`; its samples have.
 * - `"` is escaped in a help, too.
 * - A unit is the end of the family's name.
 */

export const TEXT_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
export const OPEN_METRICS_CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";
export const OPEN_METRICS_END = "# EOF\n";

const UNIT = /_(seconds|bytes|ratio)$/;

/** The unit of a family, which its name ends with; undefined where it counts things. */
export function unitOf(family: string): string | undefined {
  return UNIT.exec(family)?.[1];
}

/**
 * Whether a client would rather have OpenMetrics. Ranges are compared by their `q`, the order in which they stand says nothing
 * (RFC 9110, 12.5.1); equals are OpenMetrics, since only who knows it names it. Prometheus sends
 * `application/openmetrics-text;version=1.0.0,...;q=0.75,text/plain;version=0.0.4;q=0.5,*\/*;q=0.1`.
 */
export function prefersOpenMetrics(accept: string | undefined): boolean {
  let [openMetrics, text] = [0, 0];
  for (const range of (accept ?? "").split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const q = qualityOf(parameters);
    if (type === "application/openmetrics-text" && isVersionKnown(parameters)) openMetrics = Math.max(openMetrics, q);
    if (type === "text/plain") text = Math.max(text, q);
  }
  return openMetrics > 0 && openMetrics >= text;
}

function qualityOf(parameters: readonly string[]): number {
  const given = parameters.find((one) => one.startsWith("q="));
  const q = given === undefined ? 1 : Number(given.slice(2));
  return q >= 0 && q <= 1 ? q : 0;
}

/** 0.0.1 is the draft that became 1.0.0; who names no version takes any. */
function isVersionKnown(parameters: readonly string[]): boolean {
  const version = parameters.find((one) => one.startsWith("version="))?.slice("version=".length);
  return version === undefined || version === "1.0.0" || version === "0.0.1";
}

const TYPE_LINE = /^# TYPE (\S+) (\S+)$/;
const HELP_LINE = /^# HELP (\S+) (.*)$/;

/** Text format to OpenMetrics, family by family, without the end. Each family has its help before its type. */
export function openMetricsOf(text: string): string {
  const lines: string[] = [];
  let help: readonly [name: string, help: string] | undefined;
  for (const line of text.split("\n")) {
    const [, helpName, sentence] = HELP_LINE.exec(line) ?? [];
    const [, typeName, type] = TYPE_LINE.exec(line) ?? [];
    if (helpName !== undefined) help = [helpName, sentence ?? ""];
    else if (typeName !== undefined) lines.push(...headOf({ name: typeName, type: type ?? "", help: help?.[1] ?? "" }));
    else if (line !== "" && !line.startsWith("#")) lines.push(line);
  }
  return lines.map((line) => `${line}\n`).join("");
}

function headOf({ name, type, help }: { readonly name: string; readonly type: string; readonly help: string }) {
  const family = type === "counter" ? name.replace(/_total$/, "") : name;
  const unit = unitOf(family);
  return [
    `# HELP ${family} ${help.replaceAll('"', '\\"')}`,
    `# TYPE ${family} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${family} ${unit}`]),
  ];
}
