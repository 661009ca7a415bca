// What the helper for OpenTelemetry does, in one run; tests/test_scaffold_otel_typescript.py reads what a collector got.
import { context, createContextKey, trace } from '@opentelemetry/api';
import { Readable } from 'node:stream';
import * as usual from './openTelemetryMonitoring.mjs';
import * as quick from './quick/openTelemetryMonitoring.mjs';

const SECRET = process.env.TEST_SECRET;
const { detectInfiniteLoop, monitorAIGeneration, monitorAIGenerationStream, monitorFetch, monitorOperation } = usual;

/** What the SDK was given besides: it sees each span when it ends. */
const ended = [];
const key = createContextKey('theirs');
const processors = [{
  onStart() {},
  onEnd: (span) => ended.push(span.name),
  forceFlush: async () => {},
  shutdown: async () => {},
}];
if (process.env.OWN_PROCESSORS) usual.initOpenTelemetry({ spanProcessors: processors });
else usual.initOpenTelemetry();
const isOn = usual.initOpenTelemetry();

class RateLimitError extends Error {
  status = 429;
  headers = { authorization: SECRET };
}

async function outcome(promise, expected) {
  try {
    const value = await promise;
    return ['value', value === expected];
  } catch (error) {
    return ['error', error === expected];
  }
}

async function* numbers() {
  yield 1;
  yield { model: 'gpt-3', usage: { input_tokens: 7, output_tokens: 9 } };
}

async function taken(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks.length;
}

const theirs = trace.getTracer('theirs');
const scenarios = {
  async slow() {
    // A call that hangs: the alerts are there before it ends.
    return quick.monitorFetch('hung', { lessonId: 3 }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      return 'done';
    });
  },
  async answers() {
    const answers = {
      openai: { model: 'gpt-1', usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }, choices: [SECRET] },
      anthropic: { model: 'claude-1', usage: { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: 1 } },
    };
    for (const [name, answer] of Object.entries(answers)) {
      await monitorAIGeneration(name, `answer_${name}`, { prompt: SECRET, lessonId: 1 }, async () => answer);
    }
  },
  async errors() {
    const error = new RateLimitError('slow down');
    const fails = () => Promise.reject(error);
    const inner = () => monitorAIGeneration('groq', 'inner', { videoId: 'v2' }, fails);
    return outcome(monitorOperation('outer', null, inner), error);
  },
  async thrown() {
    return [
      await outcome(monitorOperation('text', null, () => { throw 'text'; }), 'text'),
      await outcome(monitorOperation('redirect', null, () => { throw Object.assign(new Error(), { digest: 'NEXT_REDIRECT' }); })),
    ];
  },
  async context() {
    return theirs.startActiveSpan('request', async (span) => {
      const value = await context.with(context.active().setValue(key, 1), () =>
        monitorOperation('work', null, async () => {
          await null;
          theirs.startActiveSpan('query', (query) => query.end());
          return context.active().getValue(key);
        }),
      );
      span.end();
      return value;
    });
  },
  async traced() {
    await monitorAIGeneration('openai', 'outer_traced', null, () =>
      monitorAIGeneration('openai', 'traced', null, async () => {
        theirs.startActiveSpan('chat gpt-1', { attributes: { 'gen_ai.operation.name': 'chat' } }, (span) => span.end());
        return { model: 'gpt-1', usage: { input_tokens: 1 } };
      }),
    );
  },
  async streams() {
    return [
      await taken(monitorAIGenerationStream('openai', 'stream', null, () => numbers())),
      await taken(monitorAIGenerationStream('openai', 'node_stream', null, () => Readable.from(['a', 'b']))),
    ];
  },
  async loops() {
    for (let turn = 1; turn <= 10_500; turn++) {
      if (turn % 100 === 0) detectInfiniteLoop('long', turn, { current: turn, token: SECRET });
    }
  },
  async memory() {
    usual.watchMemory({ limit: 0, interval: 60 })();
  },
  async endpoint() {
    const handlers = [];
    usual.setupErrorHandler({ use: (handler) => handlers.push(handler) });
    const passed = [];
    const error = new RateLimitError('not ours');
    const bug = new Error('bug in a route');
    for (const thrown of [error, bug, bug]) handlers[0](thrown, {}, {}, (next) => passed.push(next === thrown));
    return passed;
  },
};

const results = { isOn };
for (const [name, scenario] of Object.entries(scenarios)) results[name] = await scenario();
process.stdout.write(`${JSON.stringify({ ...results, ended: ended.length })}\n`);
// Whatever keeps the process alive now is a timer that was not let go.
