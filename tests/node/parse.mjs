// Envelopes from standard input, one a line in base64, as the SDK's own parser reads them.
import { parseEnvelope } from '@sentry/core';
import { readFileSync } from 'node:fs';

const lines = readFileSync(0, 'utf8').split('\n').filter(Boolean);
const parsed = lines.map((line) => parseEnvelope(new Uint8Array(Buffer.from(line, 'base64'))));
process.stdout.write(JSON.stringify(parsed));
