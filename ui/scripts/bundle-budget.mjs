// How much script a browser has to fetch, against the limits the UI is held to. Prints a table; ends with 1 when a limit is passed. Reads the built UI.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** Kilobytes (1,000 bytes) of gzip: what a page is open with, and everything together. */
const SHELL_LIMIT = 140;
const TOTAL_LIMIT = 185;

const folder = new URL(process.argv[2] ? `file://${process.argv[2]}/` : '../../src/Waymark.Server/wwwroot/', import.meta.url);
const html = readFileSync(new URL('index.html', folder), 'utf8');
const shell = new Set([...html.matchAll(/assets\/([^"]+\.js)"/g)].map((match) => match[1]));

const scripts = readdirSync(new URL('assets/', folder))
  .filter((name) => name.endsWith('.js'))
  .map((name) => ({ name, gzip: gzipSync(readFileSync(new URL(`assets/${name}`, folder)), { level: 9 }).length, isShell: shell.has(name) }))
  .sort((a, b) => b.gzip - a.gzip);
if (shell.size === 0 || scripts.length === 0) {
  console.error(`There is no built UI in ${fileURLToPath(folder)}: dotnet build src/Waymark.Server`);
  process.exit(1);
}

const row = (name, bytes, note) => console.log(`${name.padEnd(40)} ${(bytes / 1000).toFixed(1).padStart(7)} KB  ${note}`);
const sum = (some) => some.reduce((total, script) => total + script.gzip, 0);
for (const script of scripts) row(script.name, script.gzip, script.isShell ? 'shell' : '');

let isWithin = true;
for (const [name, bytes, limit] of [
  ['Shell, loaded on every page', sum(scripts.filter((script) => script.isShell)), SHELL_LIMIT],
  ['All scripts', sum(scripts), TOTAL_LIMIT],
]) {
  const fits = bytes <= limit * 1000;
  isWithin &&= fits;
  row(name, bytes, fits ? `of ${limit}` : `ABOVE the limit of ${limit}`);
}
process.exitCode = isWithin ? 0 : 1;
