/** One token for all, renewed before its end, and never asked for faster than an endpoint bears. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { BearerToken } from "./token-keeper.ts";
import { createTokenKeeper } from "./token-keeper.ts";

function stage() {
  const state = { nowMs: 0, fetches: 0, down: false, failed: 0 };
  const keeper = createTokenKeeper({
    monotonicMs: () => state.nowMs,
    onFailed: () => {
      state.failed += 1;
    },
    fetchToken: async (): Promise<BearerToken> => {
      state.fetches += 1;
      if (state.down) throw new Error("away");
      return { value: `token-${state.fetches}`, lifetimeMs: 300_000 };
    },
  });
  /** A renewal in the background has ended. */
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { state, keeper, settled };
}

test("those who ask at once get one token of one fetch, and those who ask later the same", async () => {
  const { state, keeper } = stage();
  assert.deepEqual(await Promise.all([keeper.token(), keeper.token()]), ["token-1", "token-1"]);
  state.nowMs = 200_000;
  assert.equal(await keeper.token(), "token-1");
  assert.equal(state.fetches, 1);
});

test("in its last fifth it is renewed in the background, once, and until then nobody waits", async () => {
  const { state, keeper, settled } = stage();
  await keeper.token();
  state.nowMs = 239_999;
  keeper.touch();
  assert.equal(state.fetches, 1);
  state.nowMs = 240_000;
  keeper.touch();
  keeper.touch();
  assert.equal(await keeper.token(), "token-1");
  await settled();
  assert.equal(await keeper.token(), "token-2");
  assert.equal(state.fetches, 2);
});

test("an endpoint that is away costs nothing while the token lives, and is not asked without end", async () => {
  const { state, keeper, settled } = stage();
  await keeper.token();
  state.down = true;
  for (state.nowMs = 240_000; state.nowMs < 285_000; state.nowMs += 100) {
    keeper.touch();
    await settled();
    assert.equal(await keeper.token(), "token-1");
  }
  assert.deepEqual([state.fetches, state.failed], [7, 6], "after 0, 1, 3, 7, 15, 31 s");
  await assert.rejects(keeper.token(), /away/);
  state.down = false;
  state.nowMs += 30_000;
  assert.equal(await keeper.token(), "token-8");
});

test("with less than a session's worth left it is fetched anew by whoever needs it", async () => {
  const { state, keeper } = stage();
  await keeper.token();
  state.nowMs = 285_000;
  assert.equal(await keeper.token(), "token-2");
});

test("a token that a broker refuses is not shown again; the next is fetched after a while, and later each time", async () => {
  const { state, keeper } = stage();
  await keeper.token();
  const refuse = (value: string): void => keeper.refused(value, new Error("invalid_token"));
  refuse("token-1");
  refuse("token-1");
  await assert.rejects(keeper.token(), /invalid_token/);
  state.nowMs = 1_000;
  assert.equal(await keeper.token(), "token-2");
  refuse("token-1");
  assert.equal(await keeper.token(), "token-2", "what comes late is of the one before");
  refuse("token-2");
  state.nowMs = 2_999;
  await assert.rejects(keeper.token(), /invalid_token/);
  state.nowMs = 3_000;
  assert.equal(await keeper.token(), "token-3");
  keeper.accepted();
  refuse("token-3");
  state.nowMs = 4_000;
  assert.equal(await keeper.token(), "token-4");
});
