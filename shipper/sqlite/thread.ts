/**
 * # Calls into a worker thread
 *
 *     call := {id, name, argument}        reply := {id, result} | {id, error}
 *
 * A thread serves named functions; the main thread calls them and waits without blocking. Calls are answered in the order
 * they were made. What is an expected outcome is a result; an error is a bug or a broken start, and a thread that dies
 * fails every open call and all later ones, so that no caller waits for ever.
 */

import { parentPort, Worker, workerData } from "node:worker_threads";
import { asError } from "../../runtime/error.ts";

/** Functions of one argument; argument and result are cloned on their way. */
export type Handlers = Readonly<Record<string, (argument: never) => unknown>>;

export interface Thread<H extends Handlers> extends AsyncDisposable {
  call<Name extends keyof H & string>(name: Name, argument: Parameters<H[Name]>[0]): Promise<ReturnType<H[Name]>>;
}

export class ThreadError extends Error {
  constructor(what: string, options: ErrorOptions) {
    super(`the ${what} thread failed; what it was doing is not acknowledged`, options);
    this.name = "ThreadError";
  }
}

interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

type Reply =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly error: unknown };

type Waiting = PromiseWithResolvers<unknown>;

/** Starts `file` as a thread; `what` names it in errors, `data` is what `serve` gives its maker. */
export function startThread<H extends Handlers>(what: string, file: URL, data: unknown): Thread<H> {
  const worker = new Worker(file, { workerData: data });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let dead: Error | undefined;
  const fail = (cause: Error): void => {
    dead ??= new ThreadError(what, { cause });
    for (const one of waiting.values()) one.reject(dead);
    waiting.clear();
  };
  worker.on("error", (caught) => fail(asError(caught)));
  worker.on("exit", (code) => fail(new Error(`exit code ${code}`)));
  worker.on("message", (reply: Reply) => {
    const one = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.ok) one?.resolve(reply.result);
    else one?.reject(asError(reply.error));
  });
  return {
    call: async (name, argument) => {
      if (dead !== undefined) throw dead;
      const one: Waiting = Promise.withResolvers();
      lastId += 1;
      waiting.set(lastId, one);
      worker.postMessage({ id: lastId, name, argument } satisfies Call);
      return (await one.promise) as Awaited<ReturnType<H[keyof H]>>;
    },
    [Symbol.asyncDispose]: async () => {
      await worker.terminate();
    },
  };
}

/** In the thread: makes the handlers from the data it was started with, and answers calls until it is ended. */
export function serve<Data, H extends Handlers>(make: (data: Data) => H): void {
  const port = parentPort;
  if (port === null) throw new Error("serve() runs in a worker thread only");
  const handlers = make(workerData as Data);
  port.on("message", ({ id, name, argument }: Call) => {
    try {
      const handler = handlers[name];
      if (handler === undefined) throw new Error(`no function is called ${name}`);
      port.postMessage({ id, ok: true, result: handler(argument as never) } satisfies Reply);
    } catch (error) {
      port.postMessage({ id, ok: false, error } satisfies Reply);
    }
  });
}
