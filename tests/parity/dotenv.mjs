// Reads the texts of tests/data/parity/dotenv.json (first argument) and writes it anew with what dotenv makes of them.
import dotenv from 'dotenv';
import fs from 'fs';
const texts = Object.keys(JSON.parse(fs.readFileSync(process.argv[2])).parsed);
const { version } = JSON.parse(fs.readFileSync('node_modules/dotenv/package.json'));
const parsed = Object.fromEntries(texts.map((text) => [text, dotenv.parse(text)]));
console.log(JSON.stringify({ tool: `dotenv ${version}`, parsed }, null, 1));
