// What the packages of the SDK take, from their published files: node sentry.mjs FOLDER
import fs from 'fs';
import path from 'path';
import { createRequire } from 'module';

const folder = path.resolve(process.argv[2]);
const names = fs.readdirSync(folder).filter((name) => name.startsWith('sentry-') && !name.endsWith('.tgz')).sort();
const of = (kind) => names.filter((name) => new RegExp(`^sentry-${kind}-\\d`).test(name));
const version = (name) => JSON.parse(fs.readFileSync(path.join(folder, name, 'package.json'), 'utf8')).version;

function files(at) {
  return fs.readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
    const here = path.join(at, entry.name);
    return entry.isDirectory() ? files(here) : [here];
  });
}

function members(text, type) {
  const found = new RegExp(`(?:type|interface) ${type}\\b[^{]*\\{`).exec(text);
  const keys = [];
  let depth = 1;
  for (const line of found ? text.slice(found.index + found[0].length).split('\n') : []) {
    const key = /^\s+(\w+)\??:/.exec(line);
    if (depth === 1 && key) keys.push(key[1]);
    const code = line.replace(/\/\*.*?\*\/|\/\/.*|^\s*\/?\*.*/g, '');
    depth += (code.match(/\{/g) ?? []).length - (code.match(/\}/g) ?? []).length;
    if (depth <= 0) break;
  }
  return keys;
}

const out = { options: {}, ranges: {}, maps: {} };
for (const name of of('nextjs')) {
  const types = files(path.join(folder, name)).find((file) => /[/]config[/]types\.d\.ts$/.test(file));
  const text = fs.readFileSync(types, 'utf8');
  out.options[version(name)] = [...members(text, 'SentryBuildOptions'), ...members(text, 'UserSentryOptions')].sort();
}
const LIBRARIES = ['openai', '@anthropic-ai/sdk', '@google/genai', 'ai'];
const FOLDERS = { openai: 'openai', 'anthropic-ai': '@anthropic-ai/sdk', 'google-genai': '@google/genai', vercelai: 'ai' };
for (const name of [...of('node'), ...of('server-utils')]) {
  const ranges = {};
  for (const file of files(path.join(folder, name)).filter((one) => /cjs.*\.js$/.test(one))) {
    const text = fs.readFileSync(file, 'utf8');
    const part = /integrations\/tracing\/([\w-]+)\/instrumentation\.js$/.exec(file)?.[1];
    const own = FOLDERS[part];
    const list = /(?:supportedVersions|SUPPORTED_VERSIONS) = \[\s*["']([^"']+)["']\s*\]/.exec(text);
    if (own && list) ranges[own] = [...(ranges[own] ?? []), list[1]];
    for (const found of text.matchAll(/name: "([^"]+)", versionRange: "([^"]+)"/g)) {
      if (LIBRARIES.includes(found[1])) ranges[found[1]] = [...(ranges[found[1]] ?? []), found[2]];
    }
  }
  for (const library of Object.keys(ranges)) ranges[library] = [...new Set(ranges[library])].sort();
  if (Object.keys(ranges).length) out.ranges[version(name)] = ranges;
}
const require = createRequire(import.meta.url);
for (const name of of('bundler-plugins')) {
  const { decideSourceMapHandling } = require(path.join(folder, name, 'build/cjs/core/sourcemap-settings.js'));
  for (const kind of ['off', 'inline', 'unset', 'hidden', 'visible']) {
    const { enableHidden, deleteAfterUpload } = decideSourceMapHandling(kind, {}, true);
    out.maps[kind] = { enableHidden, deleteAfterUpload };
  }
}
console.log(JSON.stringify(out, null, 1));
