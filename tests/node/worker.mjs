// A worker of Cloudflare: bundled, run by its real runtime, and asked for some paths; prints the answers as JSON.
import { createServer } from 'node:http';
import { buildSync } from 'esbuild';
import { Miniflare } from 'miniflare';

const [entry, dsn, secret, ...paths] = process.argv.slice(2);
buildSync({
  entryPoints: [entry],
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  conditions: ['workerd', 'worker', 'import'],
  external: ['node:*', 'cloudflare:*'],
  outfile: 'worker.mjs',
});

const models = createServer((request, response) => {
  if (request.url === '/gone') request.socket.destroy();
  else response.writeHead(200).end(JSON.stringify({ model: 'm-1', text: secret }));
});
await new Promise((resolve) => models.listen(0, '127.0.0.1', resolve));
const worker = new Miniflare({
  modules: true,
  scriptPath: 'worker.mjs',
  compatibilityDate: '2026-01-01',
  compatibilityFlags: ['nodejs_compat'],
  bindings: {
    SENTRY_DSN: dsn,
    SENTRY_ENVIRONMENT: 'staging',
    MODELS: `http://127.0.0.1:${models.address().port}`,
    TOKEN: secret,
  },
});
try {
  const answers = [];
  for (const path of paths) {
    const response = await worker.dispatchFetch(`http://worker.test${path}`);
    answers.push([response.status, await response.text()]);
  }
  // What is sent behind an answer holds back the end of the request's context, and so the disposal.
  await new Promise((resolve) => setTimeout(resolve, 500));
  console.log(JSON.stringify(answers));
} finally {
  await worker.dispose();
  models.close();
}
