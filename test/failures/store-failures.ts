/**
 * # What may fail around the shipper, and what it does then: rows of the table in failures.ts
 *
 * Proven, as those are, each by the one test whose name begins with the row's id; the tests stand beside what they try.
 */

export const STORE_FAILURES: readonly Readonly<Record<"id" | "fault" | "promise", string>>[] = [
  {
    id: "S1",
    fault: "A store is down",
    promise: "Its points wait in the spool; no other store is slower for it; back, it gets each once",
  },
  { id: "S2", fault: "A store is slow", promise: "Two requests at a time at most, nothing piles up" },
  {
    id: "S3",
    fault: "A store is busy: 429, 503, Retry-After in any form",
    promise:
      "The longer of its wish and of the backoff with full jitter, 0.5 to 60 s; the wish counts up to ten minutes",
  },
  {
    id: "S4",
    fault: "A request is too large: 413",
    promise: "Halved until it is taken; a point that alone is too large becomes a dead letter, unless most are",
  },
  {
    id: "S5",
    fault: "Elasticsearch answers 200 with errors of items",
    promise: "Each point by its own answer: stored, there already, again, or a dead letter",
  },
  {
    id: "S6",
    fault: "InfluxDB refuses a batch: 400, 422",
    promise: "The line at fault is found by halving, in at most 2 log2(n) + 1 requests; its neighbours are stored",
  },
  {
    id: "S7",
    fault: "A point that a store refuses for good",
    promise: "It alone becomes a dead letter of that sink: capped, counted, to be shown and sent again",
  },
  {
    id: "S8",
    fault: "401, 403; a token that expires or is rotated",
    promise: "Held and told, nothing is dropped; the file is read for each request",
  },
  {
    id: "S9",
    fault: "An index template, a database or a bucket is not there",
    promise: "Held and told with the command that makes it; no mapping is ever guessed",
  },
  {
    id: "S10",
    fault: "An answer that cannot be read, of another length, of a proxy; a redirect",
    promise: "Nothing is believed of it: sent again; a redirect is never followed",
  },
  {
    id: "S11",
    fault: "The connection breaks after the store has committed",
    promise: "Sent again; the store shows one copy",
  },
  {
    id: "S12",
    fault: "A name gets another address",
    promise: "Connections are made anew after five minutes, the name resolved and the CA file read again",
  },
  {
    id: "S13",
    fault: "A certificate signed by itself, of another host or expired; an old version of TLS",
    promise: "Refused, held and told; never without verification",
  },
  {
    id: "S14",
    fault: "The same points are delivered twice, by one shipper or by two",
    promise: "One document, one point: kind, dimensions and grid time are the identity",
  },
  {
    id: "S15",
    fault: "A backlog of days, and points of any day",
    promise: "Each into the index of its own day, where it is known for ever; no data streams",
  },
  { id: "S16", fault: "kill -9 at any moment", promise: "Nothing acknowledged is lost, nothing is there twice" },
  {
    id: "S17",
    fault: "The disk is full, fails or is read-only",
    promise: "Said, nothing acknowledged is lost, left behind without a restart",
  },
  {
    id: "S18",
    fault: "The spool's file is damaged",
    promise: "No altered byte is delivered; a row costs itself and is counted; an unreadable file is set aside",
  },
  {
    id: "S19",
    fault: "Two processes on one folder",
    promise: "The second is refused with a sentence, the first goes on",
  },
  {
    id: "S20",
    fault: "The shipper was away for longer than the feed reaches back",
    promise: "It goes on from the oldest tick there is; the gap is counted and shown",
  },
  {
    id: "S21",
    fault: "The collector begins anew, and goes back in its ticks",
    promise: "Read from its oldest; what comes again is no second point",
  },
  { id: "S22", fault: "The wall clock jumps", promise: "No wait is negative or longer than ten minutes" },
  {
    id: "S23",
    fault: "SIGTERM in any state, while a store is away or hangs among them",
    promise: "Ends with 0 within ten seconds; what was not taken stays in the spool",
  },
  {
    id: "S24",
    fault: "A spool of a newer program",
    promise: "Refused politely, and left as it is",
  },
  {
    id: "S25",
    fault: "Names and texts that would break out of a line",
    promise: "They stay in it, distinct, and are read back as they were by another reader",
  },
];
