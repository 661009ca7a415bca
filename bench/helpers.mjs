// The TypeScript helper's part of helpers.py: CPU seconds per call and per turn, as JSON.
const [backend, dsn, rate, rounds] = process.argv.slice(2);
const helper = await import('./helper.mjs');
const { detectInfiniteLoop, monitorAIGeneration } = helper;

/** A bare span of the SDK, which sends nothing. */
const within = await { sentry, opentelemetry }[backend]();

async function sentry() {
  const Sentry = await import('@sentry/node');
  const transport = () => ({ send: async () => ({}), flush: async () => true });
  if (dsn) Sentry.init({ dsn, tracesSampleRate: Number(rate), transport, defaultIntegrations: false });
  return (name, fn) => Sentry.startSpan({ op: 'gen_ai.chat', name }, fn);
}

async function opentelemetry() {
  const { trace } = await import('@opentelemetry/api');
  const nowhere = { onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} };
  if (dsn) helper.initOpenTelemetry({ spanProcessors: [nowhere], tracesSampleRate: Number(rate) });
  return (name, fn) => trace.getTracer('bench').startActiveSpan(name, async (span) => {
    try {
      return await fn();
    } finally {
      span.end();
    }
  });
}

const context = { lessonId: 7, name: 'algebra' };
const answer = {
  model: 'm',
  choices: [{ message: { content: 'text' } }],
  usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8, prompt_tokens_details: { cached_tokens: 1 } },
};
const nothing = async () => answer;
const works = {
  async bare(times) {
    for (let n = 0; n < times; n++) await nothing();
  },
  async span(times) {
    for (let n = 0; n < times; n++) await within('ask', nothing);
  },
  async call(times) {
    for (let n = 0; n < times; n++) await monitorAIGeneration('openai', 'ask', context, nothing);
  },
  turning(times) {
    let turns = 0;
    while (turns < times) turns++;
  },
  'guarded turn'(times) {
    let turns = 0;
    let iterations = 0;
    while (turns < times) {
      turns++;
      iterations++;
      if (iterations % 100 === 0) detectInfiniteLoop('turns', iterations, { turn: turns }, { limit: 1e9 });
    }
  },
};
const units = { bare: 500, span: 500, call: 500, turning: 100_000, 'guarded turn': 100_000 };
const times = Object.fromEntries(Object.keys(works).map((name) => [name, []]));
for (let round = 0; round < Number(rounds); round++) {
  await within('request', async () => {
    for (const [name, work] of Object.entries(works)) {
      const began = process.cpuUsage();
      await work(units[name]);
      const { user, system } = process.cpuUsage(began);
      times[name].push((user + system) / 1e6 / units[name]);
    }
  });
}
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
console.log(JSON.stringify(Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]))));
process.exit();
