// The TypeScript helper without its types: what lies beside it as JavaScript.
//
//     node strip.mjs --write FILE.ts…     writes it
//     node strip.mjs FILE.ts…             prints, as JSON by the name of each file: the JavaScript, and what the compiler
//                                         makes of the TypeScript and of that, without comments
//
// It needs `typescript`, `ts-blank-space` and `prettier` beside it (`npm install --no-save` in this folder).
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { format } from 'prettier';
import tsBlankSpace from 'ts-blank-space';
import ts from 'typescript';

/** Comments of types go with them. */
function withoutComments(text) {
  const source = ts.createSourceFile('file.ts', text, ts.ScriptTarget.ESNext, true);
  const ranges = source.statements
    .filter((statement) => ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement))
    .flatMap((statement) => statement.jsDoc ?? []);
  return ranges.reduceRight((rest, { pos, end }) => rest.slice(0, pos) + rest.slice(end), text);
}

async function compiled(text) {
  const compilerOptions = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, removeComments: true };
  return format(ts.transpileModule(text, { compilerOptions }).outputText, { parser: 'babel' });
}

const results = {};
const isWritten = process.argv[2] === '--write';
for (const path of process.argv.slice(isWritten ? 3 : 2)) {
  const typed = readFileSync(path, 'utf8');
  // A comment stands above the first signature of an overloaded function: it goes down to the one that is left.
  const blank = tsBlankSpace(withoutComments(typed))
    .replace(/[ \t]+$/gm, '')
    .replace(/^( \*\/|\/\/.*|\/\*\*.*\*\/)\n\n+(?=export function)/gm, '$1\n');
  const stripped = await format(blank, { parser: 'babel', singleQuote: true });
  if (isWritten) {
    writeFileSync(path.replace(/\.ts$/, '.js'), stripped);
    continue;
  }
  const formatted = await format(typed, { parser: 'typescript', singleQuote: true });
  results[basename(path, '.ts')] = {
    stripped,
    isFormatted: formatted === typed,
    compiled: [await compiled(typed), await compiled(stripped)],
  };
}
if (!isWritten) process.stdout.write(JSON.stringify(results));
