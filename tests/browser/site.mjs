// A municipal site of our own for the tests of the component: another origin than the collector's, a content security policy
// that names the collector and nothing else, and pages with the component, or with the markup of the static template, on them.

import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
// The first start compiles.
const START_SECONDS_MAX = 600;

/** Starts a site and a collector that allows its origin. */
export async function startSite() {
  const pages = new Map();
  let collector = '';
  const server = createServer((request, reply) => serve(pages, collector, request, reply));
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const folder = mkdtempSync(join(tmpdir(), 'gradimento-component-'));
  const command = ['run', '--quiet', '--package', 'gradimento-collector', '--example', 'component', '--', folder, origin];
  const process = spawn('cargo', command, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  const file = join(folder, 'address');
  for (let waited = 0; !existsSync(file); waited += 0.2) {
    if (process.exitCode !== null || waited > START_SECONDS_MAX) throw new Error('the collector did not start');
    await wait(200);
  }
  collector = readFileSync(file, 'utf8');
  const stop = async () => {
    server.close();
    process.kill();
    await new Promise(resolve => process.once('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  };
  return { origin, collector, database: join(folder, 'collector.sqlite'), stop, put: (path, page) => pages.set(path, page) };
}

function serve(pages, collector, request, reply) {
  const page = pages.get(new URL(request.url, 'http://site').pathname);
  if (page === undefined) return reply.writeHead(204).end();
  const kind = request.url.endsWith('.css') ? 'text/css' : request.url.endsWith('.js') ? 'text/javascript' : 'text/html';
  reply.writeHead(200, {
    'Content-Type': `${kind}; charset=utf-8`,
    'Content-Security-Policy':
      `default-src 'none'; script-src 'self' ${collector}; style-src 'self' ${collector}; connect-src ${collector}`,
  });
  return reply.end(page);
}

/** A page with these things in its middle. */
export function page(body, { head = '', lang = 'it' } = {}) {
  return `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><title>Carta d’identità</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">${head}</head>
    <body><main><h1>Carta d’identità</h1><p>Come si chiede.</p>${body}</main></body></html>`;
}

/** The tag of the component. */
export function tag(collector, service, attributes = '') {
  const source = `src="${collector}/widget.js" referrerpolicy="no-referrer"`;
  return `<script ${source} data-service="${service}" ${attributes} defer></script>`;
}

/** The styles by which a site with Bootstrap Italia is recognised, in our own words. */
export const HOST_STYLE = `
  .rating { border: 0; float: left }
  .rating > input { position: absolute; left: -9999px }
  .rating > label { float: right; cursor: pointer }
  .rating > input:checked ~ label svg { fill: rgb(1, 2, 3) }
  .visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }`;

/** Markup with the names that the static template uses, and a script that ends as the template's does. */
export function template(collector, service) {
  const radio = (name, id, value, text) => `<div><input type="radio" name="${name}" id="${id}" value="${value}">
    <label for="${id}">${text}</label></div>`;
  return `<div class="cmp-rating"><fieldset><legend>Stelle</legend>
    ${[5, 4, 3, 2, 1].map(n => radio('ratingA', `star${n}a`, n, `Valuta ${n} stelle su 5`)).join('')}</fieldset>
    <fieldset><legend>Bene</legend>${radio('rating1', 'radio-1', 'on', 'Le indicazioni erano chiare')}</fieldset>
    <fieldset><legend>Male</legend>
    ${radio('rating2', 'radio-6', 'on', ' A volte le indicazioni non erano complete ')}</fieldset>
    <label for="testo">Dettaglio</label><input id="testo" data-element="feedback-input-text" maxlength="200">
    <h2 id="rating-feedback">Grazie</h2><button type="button" id="fine">Avanti</button></div>
    <script src="/template.js" defer></script>
    <script src="${collector}/bridge.js" data-service="${service}" referrerpolicy="no-referrer" defer></script>`;
}

export const TEMPLATE_SCRIPT =
  "document.querySelector('#fine').addEventListener('click', () => document.dispatchEvent(new Event('feedback-submit')));";
