/**
 * # Expositions of many instants as one OpenMetrics text, as `promtool tsdb create-blocks-from openmetrics` wants it
 *
 * Families stand together, and within a family the samples of a series in the order of time.
 */

const MS_PER_SECOND = 1_000;

export interface OpenMetrics {
  /** Instants come in their order. */
  add(atMs: number, exposition: string): void;
  text(): string;
}

export function createOpenMetrics(): OpenMetrics {
  const families = new Map<string, Map<string, string[]>>();
  return {
    add: (atMs, exposition) => {
      for (const line of exposition.split("\n")) {
        if (line === "" || line.startsWith("#")) continue;
        const space = line.lastIndexOf(" ");
        const series = line.slice(0, space);
        const brace = series.indexOf("{");
        const family = brace < 0 ? series : series.slice(0, brace);
        const ofFamily = families.get(family) ?? new Map<string, string[]>();
        families.set(family, ofFamily);
        const samples = ofFamily.get(series) ?? [];
        ofFamily.set(series, samples);
        samples.push(`${line.slice(space + 1)} ${atMs / MS_PER_SECOND}`);
      }
    },
    text: () => {
      const texts = [...families].map(([family, all]) => {
        const lines = [...all].flatMap(([series, samples]) => samples.map((sample) => `${series} ${sample}\n`));
        // Counters of a text without HELP and TYPE are given as what they are: numbers at an instant.
        return `# TYPE ${family} unknown\n${lines.join("")}`;
      });
      return `${texts.join("")}# EOF\n`;
    },
  };
}
