// What the programs call, and what can be seen of a run. Requests are answered one after the other, each in a turn of
// the event loop of its own, so that a promise more or less on the way to an answer changes no order.

export const world = { script: [], seen: [], pending: [], turns: 0, checks: 0 };

export function begin(script) {
  world.script = [...script];
  world.seen = [];
  world.pending = [];
  world.turns = 12;
  world.checks = 0;
}

/** The next number of the script; 1 when it has run out. */
function next() {
  return world.script.length ? world.script.shift() : 1;
}

function answered(settle) {
  world.pending.push(settle);
  if (world.pending.length === 1) setImmediate(settleNext);
}

function settleNext() {
  world.pending[0]();
  setImmediate(() => {
    world.pending.shift();
    if (world.pending.length) setImmediate(settleNext);
  });
}

export class ApiError extends Error {
  name = 'ApiError';
}

function ask(name, args, make, Kind = Promise) {
  const number = next();
  world.seen.push(`${name} ${JSON.stringify(args)}`);
  return new Kind((resolve, reject) => {
    answered(() => (number < 0 ? reject(new ApiError(`${name} ${number}`)) : resolve(make(number))));
  });
}

function response(n) {
  return {
    n,
    ok: n > 0,
    json: () => ask('json', [n], (more) => ({ n: n + more })),
    text: () => ask('text', [n], (more) => `${n}${more}`),
  };
}

globalThis.fetch = function (...args) {
  return ask('fetch', args, response);
};

/** A promise with methods of its own, as SDKs return them. */
class ApiPromise extends Promise {
  static get [Symbol.species]() {
    return Promise;
  }

  withResponse() {
    return this.then((data) => ({ data, n: data.n }));
  }

  asResponse() {
    world.seen.push('asResponse');
    return this.then((data) => ({ n: data.n + 1 }));
  }
}

class Chunks {
  constructor(n) {
    this.n = n;
  }

  async *[Symbol.asyncIterator]() {
    try {
      for (let chunk = 0; chunk < 3; chunk++) {
        await ask('chunk', [chunk], () => chunk);
        yield { n: chunk };
      }
      world.seen.push('end of stream');
    } finally {
      world.seen.push('close stream');
    }
  }
}

export class OpenAI {
  responses = {
    create: (body) =>
      ask('create', [body], (n) => (body.stream ? new Chunks(n) : { n, output_text: `${n}` }), ApiPromise),
  };
}

export const axios = { get: (...args) => ask('axios', args, (n) => ({ data: { n } })) };

export function note(value) {
  world.seen.push(`note ${JSON.stringify(value)}`);
  return value;
}

export async function through(value) {
  world.seen.push(`through ${JSON.stringify(value)}`);
  return value;
}

/** Throws every third time. */
export function checked(value) {
  world.seen.push(`checked ${JSON.stringify(value)}`);
  world.checks += 1;
  if (world.checks % 3 === 0) throw new RangeError(`${value} will not do`);
  return value;
}

/** Whether a loop goes on; after so many turns none does. */
export function more() {
  world.turns -= 1;
  world.seen.push(`more ${world.turns}`);
  return world.turns > 0 && world.turns % 4 !== 0;
}
