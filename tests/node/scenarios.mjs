// What a user's code does with the helper, one scenario after the other. Each has its name as a tag; what it
// returns goes to standard output, and what Sentry got to the receiver.
import * as Sentry from '@sentry/node';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import * as usual from './sentryMonitoring.mjs';
import * as quick from './quick/sentryMonitoring.mjs';

const SECRET = process.env.TEST_SECRET;
const { monitorAIGeneration, monitorFetch, monitorOperation, monitorAIGenerationStream, detectInfiniteLoop } = usual;

usual.initSentry({ tracesSampleRate: 1 });

const alerts = [];
Sentry.getClient().on('beforeSendEvent', (event) => alerts.push(event));

/** Until Sentry got so many alerts of an operation: no test waits for a time to pass. */
async function alerted(operation, number = 1) {
  while (alerts.filter((event) => event.tags?.operation === operation).length < number) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return 'done';
}

function block(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** What a promise comes to, and whether it is the very value. */
async function outcome(promise, expected) {
  try {
    const value = await promise;
    return ['value', value === expected];
  } catch (error) {
    return ['error', error === expected];
  }
}

class RateLimitError extends Error {
  status = 429;
}
class AuthenticationError extends Error {
  statusCode = 401;
}
class InternalServerError extends Error {
  status = 500;
  headers = { authorization: SECRET };
}
class APIUserAbortError extends Error {}

async function* numbers() {
  yield 1;
  yield 2;
  yield 3;
}

async function taken(stream, most = Infinity) {
  const chunks = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
    if (chunks.length >= most) break;
  }
  return chunks;
}

/** As SDKs write theirs: private state, methods of its own. */
class ChunkStream {
  #chunks = [{ type: 'a' }, { type: 'b', usage: { input_tokens: 7, output_tokens: 9 } }];
  async *[Symbol.asyncIterator]() {
    yield* this.#chunks;
  }
  count() {
    return this.#chunks.length;
  }
}

/** As SDKs return them: a promise that can do more. */
class APIPromise extends Promise {
  asResponse() {
    return 'response';
  }
  static get [Symbol.species]() {
    return Promise;
  }
}

const closed = await new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

const scenarios = {
  async slow_ai() {
    return quick.monitorAIGeneration('openai', 'slow_ai', { videoId: 'v1' }, () => alerted('slow_ai'));
  },
  async slow_fetch() {
    return quick.monitorFetch('slow_fetch', null, () => alerted('slow_fetch', 2));
  },
  async slow_operation() {
    return quick.monitorOperation('slow_operation', undefined, () => alerted('slow_operation', 2));
  },
  async blocking() {
    return quick.monitorFetch('blocking', null, () => block(100));
  },
  async quick_calls() {
    const value = {};
    return [
      await outcome(monitorAIGeneration('openai', 'quick_ai', null, () => value), value),
      await outcome(monitorFetch('quick_fetch', null, async () => value), value),
      await outcome(monitorOperation('quick_operation', null, () => undefined), undefined),
    ];
  },
  async nested_errors() {
    const error = new RateLimitError('slow down');
    const call = monitorAIGeneration('groq', 'outer', { videoId: 'v2' }, () =>
      monitorFetch('inner', { url: 1 }, async () => {
        throw error;
      }),
    );
    const result = await outcome(call, error);
    Sentry.captureException(error); // as the application may do again
    return result;
  },
  async errors() {
    const thrown = {
      auth: new AuthenticationError('who?'),
      timeout: Object.assign(new Error('late'), { name: 'TimeoutError' }),
      reset: Object.assign(new Error('gone'), { code: 'ECONNRESET' }),
      api: new InternalServerError('no'),
      retried: Object.assign(new Error('gave up'), { lastError: new RateLimitError('again') }),
      plain: new Error('bug'),
      text: 'text',
      object: { key: SECRET },
    };
    const results = {};
    for (const [name, error] of Object.entries(thrown)) {
      results[name] = await outcome(
        monitorOperation(`error_${name}`, null, () => Promise.reject(error)),
        error,
      );
    }
    return results;
  },
  async network() {
    return outcome(monitorFetch('network', null, () => fetch(`http://127.0.0.1:${closed}/`)), null);
  },
  async timed_out() {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${server.address().port}/`;
    const call = monitorFetch('timed_out', null, () => fetch(url, { signal: AbortSignal.timeout(20) }));
    const result = await outcome(call, null);
    server.closeAllConnections();
    server.close();
    return result;
  },
  async on_purpose() {
    const abort = new AbortController();
    const call = monitorFetch('on_purpose', null, () => fetch(`http://127.0.0.1:${closed}/`, { signal: abort.signal }));
    abort.abort();
    const redirect = Object.assign(new Error('NEXT_REDIRECT'), { digest: 'NEXT_REDIRECT;replace;/' });
    return [
      await outcome(call, abort.signal.reason),
      await outcome(monitorAIGeneration('openai', 'on_purpose', null, () => Promise.reject(new APIUserAbortError()))),
      await outcome(monitorOperation('on_purpose', null, () => { throw redirect; }), redirect),
    ];
  },
  async answers() {
    const answers = {
      openai: { model: 'gpt-1', usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, prompt_tokens_details: { cached_tokens: 1 } }, choices: [{ message: { content: SECRET } }] },
      anthropic: { model: 'claude-1', usage: { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: 1 } },
      google: { modelVersion: 'gemini-1', usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 } },
      vercel: { steps: [{ usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 }, response: { modelId: 'any-1' } }] },
      ollama: { model: 'llama-1', prompt_eval_count: 1, eval_count: 2 },
      text: SECRET,
    };
    for (const [name, answer] of Object.entries(answers)) {
      await monitorAIGeneration(name, `answer_${name}`, null, async () => answer);
    }
    const lazy = {
      get usage() {
        throw new Error('a getter that consumes');
      },
    };
    return outcome(monitorAIGeneration('lazy', 'answer_lazy', null, () => lazy), lazy);
  },
  async spans() {
    const server = createServer((request, response) => response.end('{}')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${server.address().port}`;
    await Sentry.startSpan({ name: 'parent', op: 'test' }, () =>
      monitorAIGeneration('openai', 'span', { model: 'gpt-2', videoId: 'v3', tags: ['a'] }, async () => {
        await monitorFetch('traced_fetch', null, async () => (await fetch(`${url}/x?key=${SECRET}`)).json());
        await monitorFetch('untraced_fetch', null, async () => 1);
        return Sentry.startSpan({ name: 'child', op: 'test' }, () => 1);
      }),
    );
    const found = await monitorFetch('status', null, () => fetch(url));
    server.close();
    return found.status;
  },
  async parallel() {
    await Promise.all(
      ['a', 'b'].map((name) =>
        monitorOperation(`parallel_${name}`, null, async () => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          return Sentry.startSpan({ name: `child_${name}` }, () => 1);
        }),
      ),
    );
  },
  async streams() {
    const error = new RateLimitError('mid-stream');
    const failing = (async function* () {
      yield 1;
      throw error;
    })();
    const own = new ChunkStream();
    const watched = monitorAIGenerationStream('openai', 'stream_class', null, () => own);
    const promise = APIPromise.resolve(new ChunkStream());
    const extended = monitorAIGenerationStream('openai', 'stream_promise', null, () => promise);
    const web = monitorAIGenerationStream('openai', 'stream_web', null, () => new Response('abc').body);
    const reader = web.getReader();
    const text = [];
    for (let step = await reader.read(); !step.done; step = await reader.read()) text.push(...step.value);
    const left = numbers();
    const failed = [];
    try {
      for await (const chunk of monitorAIGenerationStream('openai', 'stream_failing', null, () => failing)) failed.push(chunk);
    } catch (caught) {
      failed.push(caught === error);
    }
    const thrown = [];
    try {
      for await (const chunk of monitorAIGenerationStream('openai', 'stream_consumer', null, () => numbers())) {
        throw new Error(`of the consumer, at ${chunk}`);
      }
    } catch (caught) {
      thrown.push(caught.message);
    }
    return {
      whole: await taken(monitorAIGenerationStream('openai', 'stream_whole', null, () => numbers())),
      awaited: await taken(await monitorAIGenerationStream('openai', 'stream_awaited', null, async () => numbers())),
      left: [await taken(monitorAIGenerationStream('openai', 'stream_left', null, () => left), 2), await left.next()],
      class: [watched === own, watched.count(), (await taken(watched)).length],
      promise: [extended === promise, extended.asResponse(), (await taken(await extended)).length],
      web: [web instanceof ReadableStream, text.length],
      node: await taken(monitorAIGenerationStream('openai', 'stream_node', null, () => Readable.from(['a', 'b']))),
      event: await new Promise((resolve) => {
        const stream = monitorAIGenerationStream('openai', 'stream_event', null, () => Readable.from(['a', 'b']));
        const chunks = [];
        stream.on('data', (chunk) => chunks.push(chunk));
        stream.on('close', () => setImmediate(resolve, chunks));
      }),
      none: await monitorAIGenerationStream('openai', 'stream_none', null, async () => 'no stream'),
      frozen: await taken(monitorAIGenerationStream('openai', 'stream_frozen', null, () => Object.freeze(new ChunkStream()))),
      failed,
      thrown,
      rejected: await outcome(
        monitorAIGenerationStream('openai', 'stream_rejected', null, () => Promise.reject(error)),
        error,
      ),
    };
  },
  async web_streams() {
    /** A stream of three chunks, of text or of bytes, that may fail behind the first. */
    const source = ({ type, error, cancelled = [] } = {}) => {
      const chunks = ['a', 'b', 'c'];
      return new ReadableStream({
        ...(type ? { type } : {}),
        pull(controller) {
          const chunk = chunks.shift();
          if (error !== undefined && chunk === 'b') controller.error(error);
          else if (chunk === undefined) {
            controller.close();
            controller.byobRequest?.respond(0);
          } else controller.enqueue(type ? new TextEncoder().encode(chunk) : chunk);
        },
        cancel: (reason) => void cancelled.push(reason),
      });
    };
    const watched = (name, stream) => {
      const result = monitorAIGenerationStream('openai', `web_${name}`, null, () => stream);
      return [result, result === stream];
    };
    const text = async (stream) => {
      const decoder = new TextDecoder();
      let found = '';
      for await (const chunk of stream) found += typeof chunk === 'string' ? chunk : decoder.decode(chunk);
      return found;
    };
    const read = async (stream) => {
      const reader = stream.getReader();
      let found = '';
      for (let step = await reader.read(); !step.done; step = await reader.read()) found += step.value;
      await reader.closed;
      reader.releaseLock();
      return found;
    };
    const results = {};
    const test = async (name, stream, use) => {
      const [same, isSame] = watched(name, stream);
      results[name] = [isSame && same.constructor === ReadableStream, await use(same)];
    };
    await test('iterated', source(), text);
    await test('values', source(), (stream) => text(stream.values()));
    await test('read', source(), read);
    await test('bytes', source({ type: 'bytes' }), text);
    await test('buffered', source({ type: 'bytes' }), async (stream) => {
      const reader = stream.getReader({ mode: 'byob' });
      const first = await reader.read(new Uint8Array(8));
      const second = await reader.read(new Uint8Array(8));
      await reader.cancel();
      return new TextDecoder().decode(first.value) + new TextDecoder().decode(second.value);
    });
    await test('piped', source({ type: 'bytes' }), (stream) => text(stream.pipeThrough(new TextDecoderStream())));
    await test('sunk', source(), async (stream) => {
      let found = '';
      await stream.pipeTo(new WritableStream({ write: (chunk) => void (found += chunk) }));
      return found;
    });
    await test('teed', source({ type: 'bytes' }), async (stream) => {
      const [one, other] = stream.tee();
      const reader = other.getReader({ mode: 'byob' }); // as it may be with bytes
      const whole = await text(one);
      const first = await reader.read(new Uint8Array(1));
      return new TextDecoder().decode(first.value) === 'a' ? whole : 'another';
    });
    await test('response', source({ type: 'bytes' }), (stream) => new Response(stream).text());
    const browser = source(); // where streams cannot be iterated
    Object.defineProperty(browser, Symbol.asyncIterator, { value: undefined, configurable: true });
    await test('browser', browser, read);
    const [kept] = watched('kept', source());
    const reader = kept.getReader();
    results.kept = [(await reader.read()).value];
    reader.releaseLock();
    results.kept.push(kept.locked);
    results.kept.push((await kept.getReader().read()).value);
    const cancelled = [];
    const [left] = watched('cancelled', source({ cancelled }));
    await left.cancel('why');
    results.cancelled = [cancelled[0], (await left.getReader().read()).done];
    const [quit] = watched('reader_cancelled', source({ cancelled }));
    const quitter = quit.getReader();
    await quitter.read();
    await quitter.cancel('why');
    results.reader_cancelled = [cancelled[1], (await quitter.read()).done];
    const error = new RateLimitError('mid-stream');
    const [failing] = watched('failing', source({ error }));
    results.failing = [];
    try {
      for await (const chunk of failing) results.failing.push(chunk);
    } catch (caught) {
      results.failing.push(caught === error);
    }
    const other = new RateLimitError('mid-pipe');
    const [piped] = watched('pipe_failing', source({ error: other }));
    results.pipe_failing = await piped.pipeTo(new WritableStream()).then(() => [], (caught) => [caught === other]);
    const [locked] = watched('locked', source());
    locked.getReader();
    try {
      locked.tee();
    } catch (caught) {
      results.locked = caught.name;
    }
    return results;
  },
  async slow_stream() {
    // The consumer takes longer than the limit, which is nobody's fault; then the model does.
    const chunks = quick.monitorAIGenerationStream('openai', 'slow_stream', null, async function* () {
      yield 1;
      yield 2;
      await alerted('slow_stream');
      yield 3;
    });
    const counts = [];
    for await (const chunk of chunks) {
      if (chunk < 3) await new Promise((resolve) => setTimeout(resolve, 60));
      counts.push(alerts.filter((event) => event.tags?.operation === 'slow_stream').length);
    }
    return counts;
  },
  loops() {
    const turn = (name, turns, options) => {
      for (let turn = 1; turn <= turns; turn++) {
        if (turn % 100 === 0) detectInfiniteLoop(name, turn, { current: turn, token: SECRET }, options);
      }
    };
    turn('short', 999);
    turn('long', 10_500);
    turn('again', 1000);
    turn('again', 1000);
    turn('limited', 200, { limit: 200 });
    for (let turn = 100; turn <= 2000; turn += 100) {
      detectInfiniteLoop('twins', turn);
      detectInfiniteLoop('twins', turn);
    }
    detectInfiniteLoop(null, Number.NaN, 'no context', {});
  },
  async overdue() {
    for (let turn = 10; turn <= 100; turn += 10) {
      quick.detectInfiniteLoop('overdue', turn, undefined, { limit: 1000 });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  },
  async context() {
    const hostile = {
      lessonId: 7,
      prompt: SECRET,
      userPrompt: SECRET,
      promptTokens: 12,
      apiKey: SECRET,
      note: `sk-${SECRET}`,
      headers: { authorization: SECRET },
      list: [SECRET, SECRET],
      long: 'x'.repeat(5000),
      messageCount: 3,
      when: new Date(0),
      get broken() {
        throw new Error(SECRET);
      },
    };
    return outcome(monitorOperation('context', hostile, () => Promise.reject('context')), 'context');
  },
  async memory() {
    const stop = usual.watchMemory({ limit: 0, interval: 0.005 });
    await alerted('memory');
    await new Promise((resolve) => setTimeout(resolve, 30));
    stop();
    return typeof usual.watchMemory({ limit: 2 });
  },
};

const results = {};
for (const [name, scenario] of Object.entries(scenarios)) {
  results[name] = await Sentry.withIsolationScope((scope) => {
    scope.setTag('scenario', name);
    return scenario();
  });
}
await Sentry.flush(10_000);
process.stdout.write(`\n${JSON.stringify(results)}\n`);
// Whatever keeps the process alive now is a timer that was not let go.
