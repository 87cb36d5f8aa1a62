/**
 * # One connection: frames in, frames out, in order
 *
 *     request   size:i32 api_key:i16 version:i16 correlation:i32 client_id:str tags(header 2) body
 *     answer    size:i32 correlation:i32 tags(header 1) body
 *
 * The next request is looked at when the one before is answered, as a broker does. What cannot be read, is not offered, or comes
 * before authentication ends the connection. Faults of the wire act here.
 */

import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { ByteWriter } from "../cluster/offsets-log/byte-writer.ts";
import {
  createByteWriter,
  writeArray,
  writeBytes,
  writeInt16,
  writeInt32,
  writeInt64,
  writeTags,
  writeText,
} from "../cluster/offsets-log/byte-writer.ts";
import type { BrokerContext } from "./api.ts";
import { API_VERSIONS_KEY, apiOf, CONNECTION_APIS } from "./api-table.ts";
import { ERROR } from "./errors.ts";
import type { RequestReader } from "./request-reader.ts";
import { RequestError, readBytes, readInt16, readInt32, readString, skipTags } from "./request-reader.ts";
import type { Mechanism, SaslExchange, SaslOptions } from "./sasl.ts";
import { beginExchange, MECHANISMS } from "./sasl.ts";
import { offered } from "./versions.ts";

export interface ConnectionOptions {
  readonly context: BrokerContext;
  /** Undefined: everybody is let in. */
  readonly sasl: SaslOptions | undefined;
  readonly random: () => number;
  /** Called for each request that came, with all of its bytes. */
  readonly count: (api: string, frame: Buffer) => void;
}

const REQUEST_BYTES_MAX = 100 * 1024 * 1024;
const SASL_HANDSHAKE = CONNECTION_APIS[0].key;
const SASL_AUTHENTICATE = CONNECTION_APIS[2].key;

interface Session {
  isAuthenticated: boolean;
  exchange: SaslExchange | undefined;
}

/** Serves until the socket ends. */
export async function serveConnection(socket: Socket, options: ConnectionOptions): Promise<void> {
  const ended = new AbortController();
  socket.once("close", () => ended.abort());
  socket.on("error", () => socket.destroy());
  const session: Session = { isAuthenticated: options.sasl === undefined, exchange: undefined };
  try {
    for await (const frame of framesOf(socket)) {
      const isOpen = await answerFrame(socket, frame, { ...options, session, signal: ended.signal });
      if (!isOpen) break;
    }
  } catch {
    // Reset by the client, or a request that cannot be read: either way nothing more is said to it.
  }
  socket.destroy();
}

async function* framesOf(socket: Socket): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    held.push(chunk);
    length += chunk.length;
    for (;;) {
      if (length < 4) break;
      if ((held[0]?.length ?? 0) < 4) held = [Buffer.concat(held)];
      const size = held[0]?.readInt32BE(0) ?? 0;
      if (size < 0 || size > REQUEST_BYTES_MAX) throw new RequestError(`it is ${size} bytes long`);
      if (length < 4 + size) break;
      const whole = held.length === 1 ? (held[0] ?? Buffer.alloc(0)) : Buffer.concat(held);
      yield whole.subarray(4, 4 + size);
      const rest = whole.subarray(4 + size);
      held = rest.length > 0 ? [rest] : [];
      length = rest.length;
    }
  }
}

interface Serving extends ConnectionOptions {
  readonly session: Session;
  readonly signal: AbortSignal;
}

interface Header {
  readonly key: number;
  readonly name: string;
  readonly version: number;
  readonly correlation: number;
  readonly flexible: boolean;
  /** Stands at the body. */
  readonly request: RequestReader;
}

/** False: the connection is over. */
async function answerFrame(socket: Socket, frame: Buffer, serving: Serving): Promise<boolean> {
  const { faults, broker } = serving.context;
  const header = readHeader(frame, serving);
  serving.count(header.name, frame);
  if (faults.find("hung", (one) => one.broker === broker) !== undefined) {
    // Held until the fault is over and the client has given up, or the socket ends.
    await new Promise((resolve) => serving.signal.addEventListener("abort", resolve, { once: true }));
    return false;
  }
  const throttleMs = faults.find("throttle", (one) => one.broker === broker)?.throttleMs ?? 0;
  const body = await bodyOf(header, serving, throttleMs);
  if (body === undefined) return false;
  const isMine = (one: { readonly broker: number; readonly api?: string }): boolean =>
    one.broker === broker && (one.api ?? header.name) === header.name;
  const delayMs = faults.find("slow", isMine)?.delayMs ?? 0;
  if (delayMs > 0) await wait(delayMs, undefined, { signal: serving.signal });
  const cut = faults.find("cut", isMine);
  if (cut !== undefined) {
    socket.write(body.subarray(0, cut.afterBytes), () => socket.resetAndDestroy());
    return false;
  }
  if (!socket.write(body)) await drained(socket, serving.signal);
  if (throttleMs > 0) await wait(throttleMs, undefined, { signal: serving.signal });
  return !socket.destroyed && !isRefused(serving);
}

function isRefused({ session, sasl }: Serving): boolean {
  return sasl !== undefined && !session.isAuthenticated && session.exchange === REFUSED_EXCHANGE;
}

async function drained(socket: Socket, signal: AbortSignal): Promise<void> {
  const done = Promise.withResolvers<void>();
  socket.once("drain", done.resolve);
  signal.addEventListener("abort", () => done.resolve(), { once: true });
  await done.promise;
}

function readHeader(frame: Buffer, { context, session }: Serving): Header {
  const plain: RequestReader = { bytes: frame, at: 0, flexible: false };
  const [key, version, correlation] = [readInt16(plain), readInt16(plain), readInt32(plain)];
  const api = apiOf(key) ?? CONNECTION_APIS.find((one) => one.key === key);
  if (api === undefined) throw new RequestError(`there is no API ${key}`);
  const range = offered(context.view.version, api.name);
  const isOffered = range !== undefined && version >= range.min && version <= range.max;
  if (!isOffered && key !== API_VERSIONS_KEY) throw new RequestError(`${api.name} ${version} is not offered`);
  const isFree = session.isAuthenticated || CONNECTION_APIS.some((one) => one.key === key);
  if (!isFree) throw new RequestError("it comes before authentication");
  const flexible = version >= api.flexibleFrom;
  readString(plain);
  const request: RequestReader = { bytes: frame, at: plain.at, flexible };
  skipTags(request);
  return { key, name: api.name, version, correlation, flexible, request };
}

/** The whole answer with its size; undefined where there is none. */
async function bodyOf(header: Header, serving: Serving, throttleMs: number): Promise<Buffer | undefined> {
  const { key, version, correlation, request } = header;
  const isBeyond = key === API_VERSIONS_KEY && version > (offered(serving.context.view.version, header.name)?.max ?? 0);
  const answer = createByteWriter(header.flexible && !isBeyond);
  writeInt32(answer, 0);
  writeInt32(answer, correlation);
  if (key !== API_VERSIONS_KEY) writeTags(answer);
  const { context, signal } = serving;
  const api = apiOf(key);
  if (api !== undefined) await api.handle({ version, request, answer, context, throttleMs, signal });
  else writeSasl(answer, header, serving);
  if (signal.aborted) return undefined;
  answer.bytes.writeInt32BE(answer.at - 4, 0);
  return answer.bytes.subarray(0, answer.at);
}

const REFUSED_EXCHANGE: SaslExchange = () => ({ kind: "refused", why: "the exchange is over" });

function writeSasl(answer: ByteWriter, { key, version, request }: Header, serving: Serving): void {
  if (key === SASL_HANDSHAKE) writeHandshake(answer, readString(request), serving);
  else if (key === SASL_AUTHENTICATE) writeAuthenticate(answer, readBytes(request), { version, serving });
}

/** SaslHandshake (17): request mechanism; answer error mechanisms. */
function writeHandshake(answer: ByteWriter, wanted: string, { session, sasl, random }: Serving): void {
  const mechanism = MECHANISMS.find(
    (one): one is Mechanism => one === wanted && sasl?.mechanisms.includes(one) === true,
  );
  if (mechanism !== undefined && sasl !== undefined) session.exchange = beginExchange(mechanism, sasl, random);
  writeInt16(answer, mechanism === undefined ? ERROR.unsupportedSaslMechanism : ERROR.none);
  writeArray(answer, sasl?.mechanisms ?? [], writeText);
}

/** SaslAuthenticate (36): request token; answer error message token session_lifetime_ms(1). */
function writeAuthenticate(
  answer: ByteWriter,
  token: Buffer,
  { version, serving }: { readonly version: number; readonly serving: Serving },
): void {
  const { session } = serving;
  const step = session.exchange?.(token) ?? { kind: "refused", why: "there was no handshake" };
  session.isAuthenticated = step.kind === "accepted";
  if (step.kind === "refused") session.exchange = REFUSED_EXCHANGE;
  writeInt16(answer, step.kind === "refused" ? ERROR.saslAuthenticationFailed : ERROR.none);
  writeText(answer, step.kind === "refused" ? step.why : undefined);
  writeBytes(answer, step.kind === "refused" ? Buffer.alloc(0) : step.token);
  if (version >= 1) writeInt64(answer, 0);
  writeTags(answer);
}
