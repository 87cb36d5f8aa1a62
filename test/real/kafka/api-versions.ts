/**
 * # Does a broker answer?
 *
 * One ApiVersions request, version 0, by hand: a port that accepts connections proves only that a process got that far.
 *   request  := length:int32 api_key:int16(18) api_version:int16(0) correlation_id:int32 client_id:int16(-1)
 *   response := length:int32 correlation_id:int32 error_code:int16 ...
 */

import { connect } from "node:net";

const REQUEST = Buffer.from("0000000a" + "0012" + "0000" + "00000001" + "ffff", "hex");
const ANSWER_BYTES_MIN = 10;
const TIMEOUT_MS = 2_000;

/** Resolves when the broker on this loopback port has answered; rejects in words where it has not. */
export function askApiVersions(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" });
    let received = Buffer.alloc(0);
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed without an answer")));
    socket.on("connect", () => socket.write(REQUEST));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < ANSWER_BYTES_MIN) return;
      const errorCode = received.readInt16BE(8);
      if (errorCode === 0) resolve();
      else reject(new Error(`ApiVersions answers error ${errorCode}`));
      socket.destroy();
    });
  });
}
