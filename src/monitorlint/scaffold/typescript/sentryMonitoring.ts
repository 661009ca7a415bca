//#region about
/**
 * Monitoring on Sentry: model calls, requests, other operations, loops and memory.
 *
 * Written by `monitorlint init`; from here on the file is yours. It works with
 * versions 10 and 11 of the SDK. Call `initSentry()` once, where the application
 * starts, before it imports what is to be traced.
 *
 *     const answer = await monitorAIGeneration('openai', 'ask', { lessonId }, () =>
 *       client.responses.create({ model, input }),
 *     );
 *     const lesson = await monitorFetch('load_lesson', { lessonId }, async () => {
 *       const response = await fetch(`/api/lessons/${lessonId}`);
 *       return response.json();
 *     });
 *     const chunks = await monitorAIGenerationStream('openai', 'chat', null, () =>
 *       client.responses.create({ model, input, stream: true }),
 *     );
 *
 * Each opens a span, reports an error once, passes it on as it is, and reports what
 * takes longer than the limits below while it is still running. Values of a context
 * are small and not secret: what is named like a secret, a prompt or an answer is
 * replaced, and so is what is large.
 *
 * Alert rules in Sentry can rely on these tags: `monitor` (ai, fetch, operation, loop,
 * memory), `operation`, `provider`, `http_status` and `alert` (slow, rate_limit, auth,
 * timeout, network, api_error, error, loop, memory).
 *
 * Nothing here makes the application fail: without a DSN, or when Sentry itself fails,
 * the code runs as if it were not monitored.
 */
import * as Sentry from '@sentry/node';
//#endregion
import { freemem, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/** A model call that takes longer is an error. */
const AI_SECONDS = 30;
/** A request that takes longer is a warning, an error. */
const FETCH_SECONDS = [5, 10] as const;
/** The same for database queries, e-mail, files and the like. */
const OPERATION_SECONDS = [5, 10] as const;
/** Turns from which a loop is reported; then again at ten times as many, and so on. */
const LOOP_LIMIT = 1000;
/** A run of a guarded loop that lasts longer is reported, once. */
const LOOP_SECONDS = 300;
/** The share of the memory from which `watchMemory` warns. */
const MEMORY_LIMIT = 0.8;

/** What is known of one execution: ids, counters, names of models. */
export type Context = object | null | undefined;

/** A call of a model. */
export function monitorAIGeneration<T>(
  provider: string,
  operation: string,
  context: Context,
  fn: () => Promise<T>,
): Promise<T>;
export function monitorAIGeneration<T>(
  provider: string,
  operation: string,
  context: Context,
  fn: () => T,
): Promise<Awaited<T>>;
export function monitorAIGeneration<T>(
  provider: string,
  operation: string,
  context: Context,
  fn: () => T,
): Promise<Awaited<T>> {
  return monitored(aiGeneration(provider, operation), context, fn);
}

/** As `monitorAIGeneration`, for a stream, watched until it is consumed or left. */
export function monitorAIGenerationStream<T>(
  provider: string,
  operation: string,
  context: Context,
  fn: () => T,
): T {
  return streamed(aiGeneration(provider, operation), context, fn);
}

/** A request over the network. */
export function monitorFetch<T>(
  name: string,
  context: Context,
  fn: () => Promise<T>,
): Promise<T>;
export function monitorFetch<T>(
  name: string,
  context: Context,
  fn: () => T,
): Promise<Awaited<T>>;
export function monitorFetch<T>(
  name: string,
  context: Context,
  fn: () => T,
): Promise<Awaited<T>> {
  return monitored(request(name), context, fn);
}

/** As `monitorFetch`, for a stream, watched until it is consumed or left. */
export function monitorFetchStream<T>(
  name: string,
  context: Context,
  fn: () => T,
): T {
  return streamed(request(name), context, fn);
}

/** Everything else that has a name: a database query, an e-mail, a file. */
export function monitorOperation<T>(
  name: string,
  context: Context,
  fn: () => Promise<T>,
): Promise<T>;
export function monitorOperation<T>(
  name: string,
  context: Context,
  fn: () => T,
): Promise<Awaited<T>>;
export function monitorOperation<T>(
  name: string,
  context: Context,
  fn: () => T,
): Promise<Awaited<T>> {
  return monitored(otherOperation(name), context, fn);
}

/** As `monitorOperation`, for a stream, watched until it is consumed or left. */
export function monitorOperationStream<T>(
  name: string,
  context: Context,
  fn: () => T,
): T {
  return streamed(otherOperation(name), context, fn);
}

//#region example
// A wrapper of your own, for one kind of request. Name it in the configuration, and
// `monitorlint fix` uses it for the requests to that address:
//
//     [[wrappers]]
//     kind = "http"
//     url = "/api/lessons/{id}"
//     typescript = "monitorLessonLoading"
//     args = ["{id}"]
//
export function monitorLessonLoading<T>(
  lessonId: string | number,
  fn: () => Promise<T>,
): Promise<T>;
export function monitorLessonLoading<T>(
  lessonId: string | number,
  fn: () => T,
): Promise<Awaited<T>>;
export function monitorLessonLoading<T>(
  lessonId: string | number,
  fn: () => T,
): Promise<Awaited<T>> {
  return monitorFetch('lesson_loading', { lessonId }, fn);
}
//#endregion

/**
 * Reports a loop that turns too often or too long; call it every 100 turns or so.
 *
 * It speaks at the limit, at ten times the limit and so on, once each per run of the
 * loop, and once when a run outlasts `LOOP_SECONDS`. It never throws, and never stops
 * the loop. What never awaits keeps alerts from being sent, too, until it ends.
 *
 * @param iterations Turns of this run so far. When they go down, a new run has begun.
 */
export function detectInfiniteLoop(
  name: string,
  iterations: number,
  context?: Context,
  { limit = LOOP_LIMIT }: { limit?: number } = {},
): void {
  quietly(() => {
    if (!isOn()) return;
    const run = loopRun(name, iterations, limit);
    const seconds = now() - run.began;
    const details = { iterations, limit, seconds: rounded(seconds) };
    const alert = { monitor: 'loop', operation: text(name), provider: '' };
    if (iterations >= run.nextAlert) {
      const level = iterations < 10 * limit ? 'warning' : 'error';
      while (run.nextAlert <= iterations) run.nextAlert *= 10;
      const message = `Loop ${text(name)} has reached ${iterations} turns`;
      send({ ...alert, reason: 'loop', level, message }, details, context);
    } else if (seconds > LOOP_SECONDS && !run.isOverdue) {
      run.isOverdue = true;
      const message = `Loop ${text(name)} runs for more than ${LOOP_SECONDS} s`;
      send(
        { ...alert, reason: 'slow', level: 'warning', message },
        details,
        context,
      );
    }
  });
}

//#region options
/** Options of the SDK; what is not given is taken from the environment. */
export type SentryOptions = NonNullable<Parameters<typeof Sentry.init>[0]>;

//#endregion
//#region start
/**
 * Turns monitoring on; without a DSN it stays off and the application runs on.
 *
 * The environment says the DSN (`SENTRY_DSN`), the server (`SERVER_NAME`), the
 * environment (`SENTRY_ENVIRONMENT`, else `NODE_ENV`) and the release
 * (`SENTRY_RELEASE`). Headers, bodies, prompts and answers are not sent, unless
 * `dataCollection` (`sendDefaultPii` before version 10.57) says so.
 *
 * @returns Whether monitoring is on.
 */
export function initSentry(options: SentryOptions = {}): boolean {
  return turnedOn('backend', 'SENTRY_DSN', environment, options);
}

function environment(): Environment {
  const { env } = process;
  return {
    dsn: env['SENTRY_DSN'],
    environment: env['SENTRY_ENVIRONMENT'] ?? env['NODE_ENV'],
    serverName: env['SERVER_NAME'],
  };
}

function endpointError(error: unknown): void {
  quietly(() => {
    const status = statusOf(error);
    if (!isOn() || (status !== undefined && status < 500)) return;
    Sentry.withScope((scope) => {
      scope.addEventProcessor(diagnosed);
      Sentry.captureException(error);
    });
  });
}

//#endregion
//#region runtime
/** What an Express or a Fastify application has of the two. */
interface ServerApplication {
  use?(handler: ExpressErrorHandler): unknown;
  addHook?(name: 'onError', hook: FastifyErrorHook): unknown;
}

type ExpressErrorHandler = (
  error: unknown,
  request: unknown,
  response: unknown,
  next: (error: unknown) => void,
) => void;

type FastifyErrorHook = (
  request: unknown,
  reply: unknown,
  error: unknown,
  done: () => void,
) => void;

/**
 * Reports what the endpoints of an application fail with, other than by the fault of
 * the client. For Express call it behind all routes, for Fastify before them.
 */
export function setupErrorHandler(app: ServerApplication): void {
  if (app.addHook !== undefined) {
    app.addHook('onError', (_request, _reply, error, done) => {
      endpointError(error);
      done();
    });
  } else {
    // Express tells a handler of errors by its four parameters.
    app.use?.((error, _request, _response, next) => {
      endpointError(error);
      next(error);
    });
  }
}

/** The share of the memory in use, 0 to 1: of the heap, or of what the process may have. */
function memoryShare(): number | undefined {
  const { rss } = process.memoryUsage();
  const heap = getHeapStatistics();
  const allowed = process.constrainedMemory?.() ?? 0; // not in old versions of Node 18
  const total = totalmem();
  return Math.max(
    heap.used_heap_size / heap.heap_size_limit,
    allowed > 0 && allowed < total ? rss / allowed : 1 - freemem() / total,
  );
}

//#endregion

/**
 * Warns when more than `limit` (0 to 1) of the memory is in use, until it sinks.
 *
 * @param options.interval Seconds between two looks.
 * @returns A function that ends the watch.
 */
export function watchMemory({
  limit = MEMORY_LIMIT,
  interval = 30,
}: { limit?: number; interval?: number } = {}): () => void {
  let isHigh = false;
  const look = (): void => {
    quietly(() => {
      const share = isOn() ? memoryShare() : undefined;
      if (share === undefined) return;
      if (share > limit && !isHigh) {
        const percent = Math.round(limit * 100);
        send(
          {
            monitor: 'memory',
            reason: 'memory',
            operation: 'memory',
            provider: '',
            level: 'warning',
            message: `More than ${percent}% of the memory is in use`,
          },
          { used: rounded(share), limit },
          null,
        );
      }
      isHigh = share > limit;
    });
  };
  look();
  const timer = setInterval(look, interval * 1000);
  letGo(timer);
  return () => clearInterval(timer);
}

type Level = 'warning' | 'error';

/** What is monitored, and its limits in seconds, in ascending order. */
interface Subject {
  readonly monitor: 'ai' | 'fetch' | 'operation';
  readonly operation: string;
  readonly provider: string;
  readonly limits: readonly (readonly [seconds: number, level: Level])[];
}

function aiGeneration(provider: string, operation: string): Subject {
  return {
    monitor: 'ai',
    operation: text(operation),
    provider: text(provider),
    limits: [[AI_SECONDS, 'error']],
  };
}

function request(name: string): Subject {
  const [warning, error] = FETCH_SECONDS;
  return {
    monitor: 'fetch',
    operation: text(name),
    provider: '',
    limits: [
      [warning, 'warning'],
      [error, 'error'],
    ],
  };
}

function otherOperation(name: string): Subject {
  const [warning, error] = OPERATION_SECONDS;
  return {
    monitor: 'operation',
    operation: text(name),
    provider: '',
    limits: [
      [warning, 'warning'],
      [error, 'error'],
    ],
  };
}

async function monitored<T>(
  subject: Subject,
  context: Context,
  fn: () => T,
): Promise<Awaited<T>> {
  const run = begun(subject, context);
  if (run === undefined) return await fn();
  try {
    const result = await run.within(fn);
    run.finish(undefined, result);
    return result;
  } catch (error) {
    run.finish({ error });
    throw error;
  }
}

function streamed<T>(subject: Subject, context: Context, fn: () => T): T {
  const run = begun(subject, context);
  if (run === undefined) return fn();
  let result: T;
  try {
    result = run.within(fn);
  } catch (error) {
    run.finish({ error });
    throw error;
  }
  if (isThenable(result)) return watchedPromise(run, result);
  watch(run, result);
  return result;
}

function begun(subject: Subject, context: Context): Run | undefined {
  try {
    return isOn() ? new Run(subject, context) : undefined;
  } catch {
    return undefined;
  }
}

/** A thrown value, which may be undefined. */
interface Failure {
  readonly error: unknown;
}

/**
 * One execution of a subject, from its start to its end.
 *
 * Only the time counts that someone waits for it: what the consumer of a stream does
 * between two chunks does not.
 */
class Run {
  private readonly subject: Subject;
  private readonly context: Record<string, unknown>;
  private readonly span: Span;
  private readonly began = now();
  private readonly seen = new Map<string, string | number>();
  private isOpen = true;
  private isStreaming = false;
  /** How many wait, since when, and the seconds before. */
  private waiting = 0;
  private since = 0;
  private waited = 0;
  /** The next limit that has not been reported. */
  private limit = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(subject: Subject, context: Context) {
    this.subject = subject;
    this.context = cleaned(context);
    this.span = new Span(subject, this.context);
    this.resume();
  }

  /** Calls it with the span and the scope of the run as the current ones. */
  within<T>(fn: () => T): T {
    const results: T[] = [];
    const failures: Failure[] = [];
    const attempt = (): void => {
      try {
        results.push(fn());
      } catch (error) {
        failures.push({ error });
      }
    };
    // In browsers they are so up to the first await, and for nobody else.
    if (this.isOpen) {
      quietly(() => this.span.within(attempt));
    }
    if (results.length + failures.length === 0) attempt(); // monitoring has failed
    for (const { error } of failures) throw error;
    return results[0] as T;
  }

  /** Someone begins to wait. */
  resume(): void {
    if (!this.isOpen || this.waiting++ > 0) return;
    this.since = now();
    this.arm();
  }

  pause(): void {
    if (this.waiting === 0 || --this.waiting > 0) return;
    this.waited += now() - this.since;
    if (this.timer !== undefined) clearTimeout(this.timer);
  }

  /** Asks a stream for its next chunk. */
  async pull<R>(advance: () => PromiseLike<R> | R): Promise<R> {
    this.resume();
    try {
      const result = await this.within(advance);
      quietly(() => this.took(result));
      return result;
    } catch (error) {
      this.finish({ error });
      throw error;
    } finally {
      this.pause();
    }
  }

  /** Ends the span and reports what went wrong; only the first time counts. */
  finish(failure?: Failure, result?: unknown): void {
    if (!this.isOpen) return;
    if (this.waiting > 1) this.waiting = 1;
    this.pause();
    this.isOpen = false;
    quietly(() => this.observe(result));
    quietly(() => this.report(failure));
    quietly(() => this.span.end(this.seen, failure, result));
  }

  private seconds(): number {
    return this.waited + (this.waiting > 0 ? now() - this.since : 0);
  }

  /** Has the next limit reported when it is reached. */
  private arm(): void {
    const limit = this.subject.limits[this.limit];
    if (limit === undefined) return;
    const milliseconds = (limit[0] - this.seconds()) * 1000;
    this.timer = setTimeout(() => {
      quietly(() => {
        if (!this.isOpen || this.waiting === 0) return;
        if (this.seconds() >= limit[0]) {
          this.limit++;
          this.alert(limit[0], limit[1]);
        }
        this.arm();
      });
    }, clamped(milliseconds));
    letGo(this.timer);
  }

  private report(failure: Failure | undefined): void {
    if (failure !== undefined && isReportable(failure.error)) {
      if (isReported(failure.error)) return;
      const alert = { ...this.subject, reason: 'error', message: '' };
      const seconds = this.seconds();
      const details = {
        seconds: rounded(seconds),
        slow: this.subject.limits.some(([limit]) => seconds > limit),
      };
      this.span.send({ ...alert, level: 'error' }, details, failure);
      return;
    }
    // What blocks the event loop blocks timers, too.
    const late = this.subject.limits.slice(this.limit);
    const crossed = late.filter(([seconds]) => this.seconds() > seconds).pop();
    if (crossed !== undefined) this.alert(crossed[0], crossed[1]);
  }

  private alert(limit: number, level: Level): void {
    const message = `${titleOf(this.subject)} took longer than ${limit} s`;
    const details = {
      seconds: rounded(this.seconds()),
      slow: true,
      running: this.isOpen,
      limit_seconds: limit,
    };
    const alert = { ...this.subject, reason: 'slow', level, message };
    this.span.send(alert, details);
  }

  private took(result: unknown): void {
    if (own(result, 'done') === true) {
      this.finish();
      return;
    }
    if (!this.isStreaming) {
      this.isStreaming = true;
      this.span.set('gen_ai.response.streaming', true);
      const seconds = now() - this.began;
      this.span.set('gen_ai.response.time_to_first_chunk', seconds);
    }
    this.observe(own(result, 'value'));
  }

  /** Keeps the model and the tokens that an answer, or a chunk of one, tells. */
  private observe(answer: unknown): void {
    if (this.subject.monitor !== 'ai') return;
    for (const [key, value] of observed(answer)) this.seen.set(key, value);
  }
}

/** The promise of a stream, with the stream watched that it gives. */
function watchedPromise<T>(run: Run, promise: T & PromiseLike<unknown>): T {
  const took = (value: unknown): unknown => {
    watch(run, value);
    return value;
  };
  const failed = (error: unknown): never => {
    run.finish({ error });
    throw error;
  };
  const then = promise.then.bind(promise);
  if (promise.constructor === Promise) {
    return then(took, failed) as typeof promise;
  }
  // One with methods of its own, as SDKs return them, stays what it is.
  run.pause();
  const replaced: PromiseLike<unknown>['then'] = (onFulfilled, onRejected) => {
    run.resume();
    return then(took, failed).then(onFulfilled, onRejected);
  };
  if (!define(promise, 'then', replaced)) run.finish();
  return promise;
}

/** Sees to it that the run ends with the stream; what is no stream ends it at once. */
function watch(run: Run, stream: unknown): void {
  try {
    if (isWatchable(stream) && follow(run, stream)) return;
  } catch {
    // As if it were no stream.
  }
  run.finish(undefined, stream);
}

interface Watchable extends Partial<AsyncIterator<unknown, unknown, unknown>> {
  /** In browsers, not all streams of the web have it. */
  [Symbol.asyncIterator]?: (
    ...args: unknown[]
  ) => AsyncIterator<unknown, unknown, unknown>;
  values?: (...args: unknown[]) => AsyncIterator<unknown, unknown, unknown>;
  getReader?: (...args: unknown[]) => WebReader;
  cancel?: (reason?: unknown) => Promise<void>;
  on?: (event: string, listener: () => void) => unknown;
  errored?: unknown;
}

interface WebReader {
  read: (...args: unknown[]) => Promise<{ done: boolean; value?: unknown }>;
  cancel: (reason?: unknown) => Promise<void>;
  releaseLock?: () => void;
}

function isWatchable(stream: unknown): stream is Watchable {
  return (
    typeof stream === 'object' &&
    stream !== null &&
    [Symbol.asyncIterator, 'getReader'].some(
      (name) => typeof Reflect.get(stream, name) === 'function',
    )
  );
}

/**
 * Puts the run between a stream and whoever reads it. It stays the same object: others
 * than `for await` may want to have it, such as `new Response(stream)`.
 */
function follow(run: Run, stream: Watchable): boolean {
  const { on, getReader } = stream;
  const iterate = stream[Symbol.asyncIterator];
  let isFollowed = false;
  if (typeof stream.next === 'function') {
    const watched = watchedIterator(run, {
      next: stream.next.bind(stream),
      return: stream.return?.bind(stream),
      throw: stream.throw?.bind(stream),
    });
    isFollowed =
      define(stream, 'next', watched.next) &&
      define(stream, 'return', watched.return) &&
      (stream.throw === undefined || define(stream, 'throw', watched.throw));
  } else if (typeof iterate === 'function') {
    isFollowed = define(stream, Symbol.asyncIterator, (...args: unknown[]) =>
      watchedIterator(run, iterate.apply(stream, args)),
    );
  }
  if (typeof getReader === 'function') {
    const read = (...args: unknown[]): WebReader =>
      watchedReader(run, getReader.apply(stream, args));
    const isOfBytes = givesBytes(stream);
    isFollowed = define(stream, 'getReader', read) || isFollowed;
    followWeb(run, stream, read, isOfBytes);
  }
  if (typeof on === 'function') {
    // An emitter, which need not be iterated.
    const ended = (): void => {
      const { errored } = stream;
      run.finish(errored instanceof Error ? { error: errored } : undefined);
    };
    on.call(stream, 'end', ended);
    on.call(stream, 'close', ended);
  }
  run.pause();
  return isFollowed;
}

/** Whether those who read may bring their own buffers. */
function givesBytes(stream: Watchable): boolean {
  try {
    stream.getReader?.({ mode: 'byob' }).releaseLock?.();
    return true;
  } catch {
    return false;
  }
}

/** What else a stream of the web has by which it is read, or left. */
function followWeb(
  run: Run,
  stream: Watchable,
  getReader: () => WebReader,
  isOfBytes: boolean,
): void {
  const { cancel, values } = stream;
  if (typeof cancel === 'function') {
    define(stream, 'cancel', (reason?: unknown) => {
      run.finish();
      return cancel.call(stream, reason);
    });
  }
  if (typeof values === 'function') {
    define(stream, 'values', (...args: unknown[]) =>
      watchedIterator(run, values.apply(stream, args)),
    );
  }
  // These read it from within, past all that is replaced here.
  for (const name of ['pipeThrough', 'pipeTo', 'tee']) {
    const method: unknown = Reflect.get(stream, name);
    if (typeof method !== 'function') continue;
    define(stream, name, (...args: unknown[]): unknown => {
      if (own(args[1], 'preventCancel') === true) {
        run.finish(); // who wants it back later needs the original
      } else if (Reflect.get(stream, 'locked') === false) {
        const source = relayed(getReader(), isOfBytes);
        return Reflect.apply(method, source, args) as unknown;
      }
      return Reflect.apply(method, stream, args) as unknown;
    });
  }
}

/** A stream of what a reader reads, as it is asked for. */
function relayed(reader: WebReader, isOfBytes: boolean): object {
  const source = {
    ...(isOfBytes ? { type: 'bytes' } : {}),
    pull: async (controller: Controller) => {
      const { done, value } = await reader.read();
      if (!done) {
        controller.enqueue(value);
        return;
      }
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel: (reason: unknown) => reader.cancel(reason),
  };
  const Stream = Reflect.get(globalThis, 'ReadableStream') as new (
    ...args: object[]
  ) => object;
  return new Stream(source, { highWaterMark: 0 });
}

interface Controller {
  enqueue(chunk: unknown): void;
  close(): void;
  byobRequest?: { respond(bytes: number): void } | null;
}

function watchedReader(run: Run, reader: WebReader): WebReader {
  const read = reader.read.bind(reader);
  const cancel = reader.cancel.bind(reader);
  define(reader, 'read', (...args: unknown[]) => run.pull(() => read(...args)));
  define(reader, 'cancel', (reason?: unknown) => {
    run.finish();
    return cancel(reason);
  });
  return reader;
}

function watchedIterator(
  run: Run,
  iterator: {
    next: (...args: [] | [unknown]) => Promise<IteratorResult<unknown>>;
    return?: ((value?: unknown) => Promise<unknown>) | undefined;
    throw?: ((error?: unknown) => Promise<unknown>) | undefined;
  },
) {
  return {
    next: (...args: [] | [unknown]) => run.pull(() => iterator.next(...args)),
    return: async (...args: [] | [unknown]) => {
      try {
        return iterator.return === undefined
          ? { done: true, value: await args[0] }
          : await run.within(() => iterator.return?.(...args));
      } finally {
        run.finish();
      }
    },
    throw: (...args: [] | [unknown]) =>
      iterator.throw === undefined
        ? run.pull(() => Promise.reject(args[0] as Error))
        : run.pull(() => iterator.throw?.(...args)),
    [Symbol.asyncIterator]() {
      return this;
    },
  } as Required<AsyncIterator<unknown>> & AsyncIterable<unknown>;
}

function define(owner: object, key: PropertyKey, value: unknown): boolean {
  return Reflect.defineProperty(owner, key, {
    value,
    configurable: true,
    writable: true,
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'then') === 'function'
  );
}

/** What reaches people. */
interface Alert {
  readonly monitor: string;
  readonly reason: string;
  readonly operation: string;
  readonly provider: string;
  readonly level: Level;
  readonly message: string;
}

function tagsOf(
  subject: Pick<Alert, 'monitor' | 'operation' | 'provider'>,
): Record<string, string> {
  const { monitor, operation, provider } = subject;
  return provider === ''
    ? { monitor, operation }
    : { monitor, operation, provider };
}

function titleOf({ provider, operation }: Subject): string {
  return provider === '' ? operation : `${provider} ${operation}`;
}

//#region span
/** A span, and the scope in which it is the current one. */
class Span {
  private readonly subject: Subject;
  private readonly context: Record<string, unknown>;
  private readonly scope: Sentry.Scope;
  private readonly span: Sentry.Span;

  constructor(subject: Subject, context: Record<string, unknown>) {
    this.subject = subject;
    this.context = context;
    this.scope = Sentry.getCurrentScope().clone();
    // What the SDK itself reports meanwhile is to reach the same people.
    this.scope.setTags(tagsOf(subject));
    this.scope.addEventProcessor(diagnosed);
    this.span = Sentry.withScope(this.scope, () =>
      Sentry.startInactiveSpan({
        name: titleOf(subject),
        op: 'function',
        attributes: attributesOf(context),
      }),
    );
  }

  /** Calls it with the span and its scope as the current ones. */
  within(action: () => void): void {
    Sentry.withScope(this.scope, () =>
      Sentry.withActiveSpan(this.span, action),
    );
  }

  set(key: string, value: string | number | boolean): void {
    this.span.setAttribute(key, value);
  }

  send(alert: Alert, details: object, failure?: Failure): void {
    this.within(() => send(alert, details, this.context, failure));
  }

  end(
    seen: ReadonlyMap<string, string | number>,
    failure: Failure | undefined,
    result: unknown,
  ): void {
    const span = this.span;
    const { monitor, operation, provider } = this.subject;
    // The SDK may have traced the call below this span: it is not to count twice.
    const op = OPS[monitor];
    const kind = op.split('.')[0] ?? op;
    const isTraced = Sentry.getSpanDescendants(span).some(
      (other) => other !== span && opOf(other).startsWith(`${kind}.`),
    );
    if (!isTraced) {
      span.setAttribute('sentry.op', op);
      if (monitor === 'ai') {
        span.setAttributes(generated(provider, operation, this.context, seen));
      }
    }
    const status = responseStatus(result);
    if (failure !== undefined && isReportable(failure.error)) {
      const [reason, code] = diagnosis(failure.error);
      span.setAttribute('error.type', nameOf(failure.error));
      if (code !== undefined) {
        span.setAttribute(HTTP_STATUS, code);
      }
      span.setStatus({ code: 2, message: STATUS[reason] ?? 'internal_error' });
    } else if (failure !== undefined) {
      span.setStatus({ code: 2, message: 'cancelled' });
    } else if (status !== undefined) {
      span.setAttribute(HTTP_STATUS, status);
      span.setStatus(Sentry.getSpanStatusFromHttpCode(status));
    } else {
      span.setStatus({ code: 1 });
    }
    span.end();
  }
}

/** What Sentry calls such spans, where the SDK has none of its own below them. */
const OPS = {
  // OpenTelemetry's word for whatever a model may generate.
  ai: 'gen_ai.generate_content',
  fetch: 'http.client',
  operation: 'function',
};

/** Not the name of OpenTelemetry: version 10 drops what it takes for a 404 of ours. */
const HTTP_STATUS = 'http_status';

const STATUS: Record<string, string> = {
  rate_limit: 'resource_exhausted',
  timeout: 'deadline_exceeded',
  auth: 'unauthenticated',
  network: 'unavailable',
};

function opOf(span: Sentry.Span): string {
  const json: object = Sentry.spanToJSON(span); // its shape differs by version
  const op = own(own(json, 'data') ?? own(json, 'attributes'), 'sentry.op');
  return typeof op === 'string' ? op : '';
}

function send(
  alert: Alert,
  details: object,
  context: Context,
  failure?: Failure,
): void {
  const { monitor, operation, provider, reason, level, message } = alert;
  Sentry.withScope((scope) => {
    scope.setTags({
      ...tagsOf(alert),
      ...(failure === undefined
        ? { alert: reason }
        : diagnosisTags(failure.error)),
    });
    scope.setContext('monitoring', { ...details });
    const values = cleaned(context);
    if (Object.keys(values).length > 0) {
      scope.setContext('monitoring_context', values);
    }
    if (failure === undefined) {
      scope.setFingerprint(
        ['monitoring', monitor, reason, operation, level, provider].filter(
          (part) => part !== '',
        ),
      );
      Sentry.captureMessage(message, level);
    } else {
      Sentry.captureException(failure.error);
    }
  });
}

function diagnosisTags(error: unknown): Record<string, string> {
  const [reason, status] = diagnosis(error);
  return status === undefined
    ? { alert: reason }
    : { alert: reason, http_status: String(status) };
}

/** Tags what fails in a run, whoever sends it, and keeps our own frames out of it. */
function diagnosed(event: Sentry.Event, hint: Sentry.EventHint): Sentry.Event {
  quietly(() => {
    const error = hint.originalException;
    // Version 11 gives messages an exception, too, for the sake of its stack.
    if (event.exception === undefined || event.message !== undefined) return;
    if (typeof error === 'object' && error !== null) reported.add(error);
    event.tags = { ...event.tags, ...diagnosisTags(error) };
    // All that an object has which was thrown and is no Error.
    delete event.extra?.['__serialized__'];
    for (const { stacktrace } of event.exception.values ?? []) {
      for (const frame of stacktrace?.frames ?? []) {
        if (OWN_FILE.test(frame.filename ?? '')) frame.in_app = false;
      }
    }
  });
  return event;
}

const OWN_FILE = /(^|[\\/])sentryMonitoring\.[cm]?[jt]s/;

function isOn(): boolean {
  try {
    return Sentry.isEnabled();
  } catch {
    return false;
  }
}

/** What is not given: a tenth of the traces, and nothing of what people write or send. */
const CAUTIOUS = {
  tracesSampleRate: 0.1,
  includeLocalVariables: false,
  sendDefaultPii: false,
  dataCollection: {
    userInfo: false,
    cookies: false,
    httpHeaders: { request: false, response: false },
    httpBodies: [],
    urlQueryParams: false,
    graphQL: { document: false, variables: false },
    genAI: { inputs: false, outputs: false },
    mcp: { inputs: false, outputs: false },
    databaseQueryData: false,
    queues: false,
    stackFrameVariables: false,
  },
};

//#endregion
//#region init
/** What the environment, or the build, says. */
interface Environment {
  dsn: string | undefined;
  release?: string | undefined;
  environment?: string | undefined;
  serverName?: string | undefined;
}

function turnedOn(
  side: string,
  variable: string,
  read: () => Environment,
  options: SentryOptions,
  further: () => Partial<SentryOptions> = () => ({}),
): boolean {
  try {
    if (Sentry.isInitialized()) return isOn();
    const { dsn: address, ...rest } = read();
    const known: object = Object.fromEntries(
      Object.entries(rest).filter(([, value]) => value !== undefined),
    );
    const dsn = (options.dsn ?? address ?? '').trim();
    if (dsn === '') {
      console.info(`${variable} is not set: no monitoring`);
      return false;
    }
    const given = { ...options, ...further(), dsn };
    Sentry.init({ ...CAUTIOUS, ...known, ...given });
    if (Sentry.getClient()?.getDsn() === undefined) {
      console.warn(`${variable} is no DSN: no monitoring`);
      return false;
    }
  } catch (error) {
    // The text may quote the DSN or another option: the name has to do.
    const name = error instanceof Error ? error.name : typeof error;
    console.warn(`Sentry refuses its options (${name}): no monitoring`);
    return false;
  }
  console.info(`Sentry initialized for ${side} monitoring`);
  return true;
}

//#endregion
/** What the conventions of OpenTelemetry want to know of the call of a model. */
function generated(
  provider: string,
  operation: string,
  context: Record<string, unknown>,
  seen: ReadonlyMap<string, string | number>,
): Record<string, string | number> {
  const model = context['model'] ?? seen.get(RESPONSE_MODEL);
  return {
    'gen_ai.operation.name': 'generate_content',
    'gen_ai.provider.name': provider,
    'gen_ai.system': provider,
    'gen_ai.pipeline.name': operation,
    ...(typeof model === 'string' ? { 'gen_ai.request.model': model } : {}),
    ...Object.fromEntries(seen),
  };
}

/** The values of a context as attributes of a span. */
function attributesOf(
  context: Record<string, unknown>,
): Record<string, string | number | boolean> {
  const attributes: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(context)) {
    if (isAttribute(value)) attributes[`context.${key}`] = value;
  }
  return attributes;
}

function isAttribute(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** Errors that have been sent. */
const reported = new WeakSet<object>();

function isReported(error: unknown): boolean {
  return typeof error === 'object' && error !== null && reported.has(error);
}

/** Whether it is an error: no cancellation, and nothing that frameworks throw on purpose. */
function isReportable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return true;
  if (/^(API_?User)?AbortError$/.test(nameOf(error))) return false;
  const digest = own(error, 'digest');
  return !(
    isThenable(error) ||
    (typeof digest === 'string' && /^(NEXT_|DYNAMIC_|BAILOUT_)/.test(digest)) ||
    /^(Response|Redirect|HttpError)$/.test(error.constructor?.name ?? '')
  );
}

/** By names of an error, of its class, or of what caused it: SDKs call the same thing so. */
const REASONS: readonly (readonly [reason: string, names: RegExp])[] = [
  [
    'rate_limit',
    /rate_?limit|TooManyRequests|Throttl|Resource_?Exhausted|quota/i,
  ],
  [
    'auth',
    /Authentication|Unauthori[sz]ed|Unauthenticated|PermissionDenied|Forbidden/,
  ],
  ['timeout', /time_?d?_?out|DeadlineExceeded|^ECONNABORTED$/i],
  [
    'network',
    /Connect|Network|^E(CONN|NOTFOUND|AI_|PIPE|HOST|NET)|^UND_ERR_SOCKET|^ERR_(TLS|SSL|NETWORK)|CERT/,
  ],
  [
    'api_error',
    /API|StatusError|ServerError|Unavailable|HTTPError|Overloaded|ClientError/,
  ],
];

/** What browsers and Node say when a request has had no answer. */
const NO_ANSWER =
  /^(Failed to fetch|fetch failed|NetworkError when|Load failed|network error|terminated)/;
/** What workers of Cloudflare say then, in an error of no kind. */
const LOST = 'Network connection lost';

/** The reason of an error, and its HTTP status; by names, no SDK is imported. */
function diagnosis(error: unknown): [reason: string, status?: number] {
  const status = statusOf(error);
  if (status === 429) return ['rate_limit', status];
  if (status === 401 || status === 403) return ['auth', status];
  if (status === 408 || status === 504) return ['timeout', status];
  const names = namesOf(error);
  for (const [reason, pattern] of REASONS) {
    if (reason === 'network' && status !== undefined) continue; // it was answered
    if (names.some((name) => pattern.test(name))) {
      return status === undefined ? [reason] : [reason, status];
    }
  }
  return status === undefined ? ['error'] : ['api_error', status];
}

function nameOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return typeof error;
  const name: unknown = Reflect.get(error, 'name');
  const own = typeof name === 'string' ? name : '';
  return own !== '' && own !== 'Error'
    ? own
    : (error.constructor?.name ?? 'Error');
}

function namesOf(error: unknown): string[] {
  const names: string[] = [];
  for (const cause of causesOf(error)) {
    const code: unknown = Reflect.get(cause, 'code');
    if (typeof code === 'string') names.push(code);
    names.push(nameOf(cause));
    if (
      (cause instanceof TypeError && NO_ANSWER.test(cause.message)) ||
      (cause instanceof Error && cause.message.startsWith(LOST))
    ) {
      names.push('NetworkError');
    }
    for (
      let kind: unknown = Reflect.getPrototypeOf(cause);
      typeof kind === 'object' && kind !== null;
      kind = Reflect.getPrototypeOf(kind)
    ) {
      names.push(kind.constructor?.name ?? '');
    }
  }
  return names;
}

/** An error and what caused it; a retrying SDK says so in `lastError`. */
function causesOf(error: unknown): object[] {
  const causes: object[] = [];
  for (
    let cause = error;
    typeof cause === 'object' && cause !== null && causes.length < 5;
    cause = Reflect.get(cause, 'lastError') ?? Reflect.get(cause, 'cause')
  ) {
    causes.push(cause);
  }
  return causes;
}

/** The HTTP status that an error carries, under any of the usual names. */
function statusOf(error: unknown): number | undefined {
  for (const cause of causesOf(error)) {
    const response: unknown = Reflect.get(cause, 'response');
    const metadata: unknown = Reflect.get(cause, '$metadata'); // of AWS
    for (const [owner, name] of [
      [cause, 'status'],
      [cause, 'statusCode'],
      [cause, 'code'],
      [response, 'status'],
      [response, 'statusCode'],
      [metadata, 'httpStatusCode'],
    ] as const) {
      if (typeof owner !== 'object' || owner === null) continue;
      const value: unknown = Reflect.get(owner, name);
      if (isStatus(value)) return value;
    }
  }
  return undefined;
}

/** The status of a response of fetch, axios and the like. */
function responseStatus(result: unknown): number | undefined {
  if (typeof result !== 'object' || result === null) return undefined;
  if (typeof Response === 'function' && result instanceof Response) {
    return result.status;
  }
  const status = own(result, 'status');
  return isStatus(status) && own(result, 'headers') !== undefined
    ? status
    : undefined;
}

function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 100 && Number(value) < 600;
}

const RESPONSE_MODEL = 'gen_ai.response.model';

/** Where answers of SDKs keep what they tell of themselves. */
const MODEL_NAMES = ['model', 'modelId', 'modelVersion', 'model_name'];
const USAGE_NAMES = ['totalUsage', 'usage', 'usageMetadata', 'usage_metadata'];
const DETAIL_NAMES = [
  'tokens',
  'input_tokens_details',
  'prompt_tokens_details',
  'output_tokens_details',
  'completion_tokens_details',
];
const TOKENS: readonly (readonly [attribute: string, names: string[]])[] = [
  [
    'input_tokens',
    [
      'input_tokens',
      'inputTokens',
      'prompt_tokens',
      'promptTokens',
      'promptTokenCount',
      'prompt_eval_count',
    ],
  ],
  [
    'output_tokens',
    [
      'output_tokens',
      'outputTokens',
      'completion_tokens',
      'completionTokens',
      'candidatesTokenCount',
      'eval_count',
    ],
  ],
  ['total_tokens', ['total_tokens', 'totalTokens', 'totalTokenCount']],
  [
    'cache_read.input_tokens',
    [
      'cached_tokens',
      'cache_read_input_tokens',
      'cachedInputTokens',
      'cachedContentTokenCount',
    ],
  ],
  [
    'reasoning.output_tokens',
    ['reasoning_tokens', 'reasoningTokens', 'thoughtsTokenCount'],
  ],
];

/** The model and the tokens of an answer. Its getters stay alone: some consume a stream. */
function observed(answer: unknown): [key: string, value: string | number][] {
  const found: [string, string | number][] = [];
  if (typeof answer !== 'object' || answer === null) return found;
  const steps = own(answer, 'steps'); // of the Vercel AI SDK
  const lastStep: unknown = Array.isArray(steps)
    ? steps[steps.length - 1]
    : undefined;
  const places = [
    answer,
    own(answer, 'message'),
    own(answer, 'response'),
    own(answer, 'response_metadata'),
    lastStep,
    own(lastStep, 'response'),
  ].filter((place) => typeof place === 'object' && place !== null);
  const models = pick(places, MODEL_NAMES);
  const model = models.find((value) => typeof value === 'string');
  if (model !== undefined) found.push([RESPONSE_MODEL, text(model)]);
  const usages = pick(places, USAGE_NAMES);
  // Ollama has no place for them.
  if (own(answer, 'eval_count') !== undefined) usages.push(answer);
  if (usages.length === 0) return found;
  usages.push(...pick(usages, DETAIL_NAMES));
  for (const [attribute, names] of TOKENS) {
    const count = pick(usages, names).find(
      (value) => typeof value === 'number',
    );
    if (typeof count === 'number') {
      found.push([`gen_ai.usage.${attribute}`, count]);
    }
  }
  return found;
}

/** The values that some objects have under some names. */
function pick(owners: readonly unknown[], names: readonly string[]): unknown[] {
  const found: unknown[] = [];
  for (const name of names) {
    for (const owner of owners) {
      const value = own(owner, name);
      if (value !== undefined && value !== null) found.push(value);
    }
  }
  return found;
}

/** The value of a property that an object has itself, and that is no getter. */
function own(owner: unknown, name: string): unknown {
  if (typeof owner !== 'object' || owner === null) return undefined;
  return Reflect.getOwnPropertyDescriptor(owner, name)?.value as unknown;
}

/** What is known of one run of a guarded loop. */
interface LoopRun {
  readonly began: number;
  iterations: number;
  /** Turns between its last two calls. */
  step: number;
  nextAlert: number;
  isOverdue: boolean;
}

/** Runs of one name, and names, that are remembered: more than turn at once. */
const LOOP_RUNS = 64;
const loopRuns = new Map<string, LoopRun[]>();

/**
 * The run that a call belongs to.
 *
 * Runs of one loop that interleave have the same name, and differ in nothing else that
 * is known here; so a call continues the one whose turns it fits.
 */
function loopRun(name: string, iterations: number, limit: number): LoopRun {
  const runs = loopRuns.get(name) ?? [];
  if (runs.length === 0) {
    if (loopRuns.size >= LOOP_RUNS) {
      const oldest = loopRuns.keys().next().value;
      if (oldest !== undefined) loopRuns.delete(oldest);
    }
    loopRuns.set(name, runs);
  }
  const earlier = runs.filter((run) => run.iterations < iterations);
  const run =
    earlier.find((other) => other.iterations + other.step === iterations) ??
    earlier.sort((a, b) => b.iterations - a.iterations)[0];
  if (run === undefined) {
    const begun = {
      began: now(),
      iterations,
      step: iterations,
      nextAlert: Math.max(limit, 1),
      isOverdue: false,
    };
    runs.unshift(begun);
    if (runs.length > LOOP_RUNS) runs.pop();
    return begun;
  }
  run.step = iterations - run.iterations;
  run.iterations = iterations;
  if (runs[0] !== run) {
    // The latest comes first.
    runs.splice(runs.indexOf(run), 1);
    runs.unshift(run);
  }
  return run;
}

const MAX_KEYS = 20;
const MAX_TEXT = 200;
const FILTERED = '[Filtered]';
const SECRET =
  /passw|passphrase|pwd|secret|token|apikey|accesskey|privatekey|credential|cookie|authorization|session|csrf|jwt|bearer|signature|dsn|connectionstring/;
const SECRET_VALUE =
  /^(sk-|pk_|sk_|Bearer |gh[a-z]_|github_pat_|xox[a-z]-|AKIA|AIza|eyJ|sntry|-----BEGIN|\w+:\/\/[^/\s]*@)/;
const CONTENT = new Set(
  (
    'answer answers body completion content contents html input inputs message ' +
    'messages output outputs payload prompt prompts question reply response text ' +
    'transcript'
  ).split(' '),
);
const HARMLESS_ENDS = new Set(
  'count format id ids index kind length model name size status type version'.split(
    ' ',
  ),
);

/** The part of a context that may be sent: small, no secret, prompt or answer. */
function cleaned(context: Context): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  if (typeof context !== 'object' || context === null) return values;
  for (const key of Object.keys(context).slice(0, MAX_KEYS)) {
    quietly(() => {
      const value: unknown = Reflect.get(context, key);
      values[text(key)] = isPrivate(key, value) ? FILTERED : small(value);
    });
  }
  return values;
}

function isPrivate(key: string, value: unknown): boolean {
  if (
    value === null ||
    ['undefined', 'boolean', 'number', 'bigint'].includes(typeof value)
  ) {
    return false; // such as max_tokens
  }
  if (typeof value === 'string' && SECRET_VALUE.test(value)) return true;
  const words = (key.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+/g) ?? []).map(
    (word) => word.toLowerCase(),
  );
  if (SECRET.test(words.join(''))) return true;
  return (
    words.some((word) => CONTENT.has(word)) &&
    !HARMLESS_ENDS.has(words[words.length - 1] ?? '')
  );
}

function small(value: unknown): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') {
    return value ?? null;
  }
  if (typeof value === 'number') {
    return Number.isFinite(value) ? value : String(value);
  }
  if (typeof value === 'string' || typeof value === 'bigint')
    return text(value);
  if (value instanceof Date) return text(value.toJSON());
  // Whatever else it is, its text may hold what nobody meant to send.
  if (Array.isArray(value)) return `<Array of ${value.length}>`;
  if (value instanceof Map || value instanceof Set) {
    return `<${value.constructor.name} of ${value.size}>`;
  }
  const name =
    typeof value === 'object' ? (value.constructor?.name ?? '') : typeof value;
  return `<${name === '' ? 'Object' : text(name)}>`;
}

/** A short text on one line. */
function text(value: unknown): string {
  try {
    return String(value)
      .slice(0, MAX_TEXT * 2)
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, MAX_TEXT);
  } catch {
    return `<${typeof value}>`;
  }
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // Monitoring is not worth the application.
  }
}

/** Seconds, of a clock that nobody sets. */
function now(): number {
  return performance.now() / 1000;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Milliseconds that a timer takes: it would take larger ones for none at all. */
function clamped(milliseconds: number): number {
  return Math.min(Math.max(Math.ceil(milliseconds), 0), 2 ** 31 - 1);
}

/** Lets a process end that only waits for this timer; browsers have numbers instead. */
function letGo(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer) {
    (timer as { unref: () => void }).unref();
  }
}
