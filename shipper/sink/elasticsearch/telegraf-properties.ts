/**
 * # The mapping of Telegraf's documents
 *
 * Whole numbers stay exact; Telegraf's own template made 32-bit floats of them. A word is a keyword under its own name and under
 * `.keyword`, since boards ask for either: one was right where Telegraf managed the template, the other where nobody did. PURE.
 */

const WHOLE = { type: "long" } as const;
const KEYWORD = { type: "keyword", ignore_above: 1_024 } as const;
const WORD = { ...KEYWORD, fields: { keyword: KEYWORD } } as const;

export const TELEGRAF_PROPERTIES = {
  "@timestamp": { type: "date" },
  measurement_name: WORD,
  tag: { properties: { cluster: WORD, group: WORD, host: WORD, owner: WORD, partition: WORD, topic: WORD } },
  burrow_group: {
    properties: {
      lag: WHOLE,
      offset: WHOLE,
      partition_count: WHOLE,
      status: WORD,
      status_code: WHOLE,
      timestamp: WHOLE,
      total_lag: WHOLE,
    },
  },
  burrow_partition: {
    properties: { lag: WHOLE, offset: WHOLE, owner_id: WORD, status: WORD, status_code: WHOLE, timestamp: WHOLE },
  },
  burrow_topic: { properties: { offset: WHOLE } },
} as const;
