// Runs programs beside each other: a line of JSON with two files and a script comes in, a line with what was seen of
// each goes out.
import { Console } from 'node:console';
import { createInterface } from 'node:readline';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';

import { flush } from '@sentry/node';

import { begin, world } from './world.mjs';
import { initSentry } from './sentryMonitoring.mjs';

// Standard output is for the answers.
globalThis.console = new Console(process.stderr);
let sent = 0;
const transport = () => ({
  send: async () => {
    sent += 1;
    return {};
  },
  flush: async () => true,
});
initSentry({ dsn: 'https://key@sentry.example.com/1', transport, tracesSampleRate: 1 });

let unhandled = [];
process.on('unhandledRejection', (error) => unhandled.push(described(error)));

function described(error) {
  return error instanceof Error ? `${error.name}: ${error.message}` : inspect(error);
}

async function observed(file, script) {
  unhandled = [];
  const { job } = await import(file);
  begin(script);
  let outcome;
  try {
    outcome = `value ${inspect(await job(1, 2), { depth: 6 })}`;
  } catch (error) {
    outcome = `error ${described(error)}`;
  }
  // What was begun and not waited for comes to its end, too.
  for (let quiet = 0; quiet < 6; quiet++) {
    await turn();
    if (world.pending.length) quiet = 0;
  }
  return { seen: world.seen, outcome, unhandled: unhandled.sort() };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { before, after, script } = JSON.parse(line);
  const first = await observed(before, script);
  const second = await observed(after, script);
  await flush();
  process.stdout.write(`${JSON.stringify({ before: first, after: second, sent })}\n`);
}
