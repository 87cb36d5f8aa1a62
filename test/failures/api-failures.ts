/**
 * # What may be done to the interfaces, and what they do then: rows of the table in failures.ts
 */

export const API_FAILURES: readonly Readonly<Record<"id" | "fault" | "promise", string>>[] = [
  {
    id: "H1",
    fault: "Clients that are slow or say nothing: headers, body, reading, idle",
    promise:
      "10 s for headers, for a handshake and for a reader that takes nothing, 30 s for a request; 256 connections, a newcomer takes the place of the idlest of the address that has most",
  },
  {
    id: "H2",
    fault: "Long URLs, many headers, large bodies",
    promise: "414 beyond 8 KiB, 431 beyond 16 KiB or 100 headers, 413 for a body where none belongs or beyond 4 KiB",
  },
  {
    id: "H3",
    fault: "Names that do not fit into a path, or parse there as something else",
    promise: "Decoded exactly once; every name is reached by its percent-encoding or by `?id=`; a malformed one is 400",
  },
  { id: "H4", fault: "Paths that climb to files", promise: "404: no file is served by its path" },
  {
    id: "H5",
    fault: "Somebody without the token, or with another",
    promise:
      "Only loopback opens without a token, or an explicit `insecure`; 401 in one wording, whatever was wrong; compared in constant time",
  },
  { id: "H6", fault: "What is opened where nothing is said", promise: "Loopback alone, by us and by the compose file" },
  {
    id: "H7",
    fault: "A page of another site asks by its visitor's browser",
    promise:
      "No CORS header is ever sent, so a browser gives it no answer; what writes is refused to it. A name of its own that leads to loopback (DNS rebinding) reads what needs no token",
  },
  {
    id: "H8",
    fault: "One client that asks for too much",
    promise:
      "429 with the time to wait, for its address alone; a page of `/v4` has at most 10 MB; `/metrics` is rendered once for all while nothing changes",
  },
  {
    id: "H9",
    fault: "Methods that write",
    promise: "Reading alone where no token is set: 403 in words; methods that nobody knows are 405",
  },
  {
    id: "H10",
    fault: "A certificate runs out, or its files are no pair",
    promise:
      "TLS 1.2 or newer; renewed files count without a restart; what is no pair is said, and the one before stays",
  },
  {
    id: "H11",
    fault: "Names that break headers or pages",
    promise: "No name is in a header; JSON with nosniff; what came is what is read",
  },
  {
    id: "H12",
    fault: "Names that break the exposition",
    promise:
      "Escaped, so that a reader of its own finds each name as it was, and the names of metrics and labels alone",
  },
  {
    id: "H13",
    fault: "Clients that go in the middle of an answer; SIGTERM meanwhile",
    promise:
      "What was computed for them ends; the others' answers are finished, the end comes within 10 s, with code 0",
  },
  {
    id: "H14",
    fault: "An error in a handler",
    promise: "500 with an id that the log has; no text of it, no stack, path or broker in the answer",
  },
];
