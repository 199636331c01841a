// What the browser tests share: the demo as it is, a real Chromium, axe, and the count of answers in a collector's own file.

import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import axe from '@axe-core/playwright';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** Where the demo is that `run` has built: as it is released where that is there, else with debugging. */
export const DEMO = process.env.DEMO ?? join(ROOT, 'target', 'debug', 'gradimento-demo');
// The first start of the demo compiles nothing (`run` has built it), but makes four certificate authorities and databases.
const START_SECONDS_MAX = 120;

/** Starts the demo in a fresh folder; resolves with its endpoints and a way to end it. */
export async function startDemo() {
  const data = mkdtempSync(join(tmpdir(), 'gradimento-browser-'));
  const demo = spawn(DEMO, ['--data', data], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise(resolve => demo.once('exit', resolve));
  const file = join(data, 'endpoints.json');
  for (let waited = 0; !existsSync(file); waited += 0.2) {
    if (demo.exitCode !== null || waited > START_SECONDS_MAX) throw new Error('the demo did not start');
    await wait(200);
  }
  await wait(100);
  const endpoints = JSON.parse(readFileSync(file, 'utf8'));
  const stop = async () => {
    demo.kill('SIGINT');
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  return { endpoints, stop };
}

/** The demo's collector of an agency, with the address of its service's page. */
export function collectorOf(endpoints, agency) {
  const collector = endpoints.collectors.find(one => one.agency === agency);
  const service = collector.services.find(one => one.questionnaire === 'national-core');
  return { ...collector, page: `${collector.public}/s/${service.id}` };
}

/** How many answers have counted at a collector, read from its own database file. */
export function counted(collector) {
  const sql = "SELECT COALESCE(SUM(n), 0) FROM tally WHERE question = 'overall'";
  return Number(query(collector, sql));
}

// Waits where the collector has the file to itself, as when it empties its log.
function query(collector, sql) {
  const options = ['-readonly', '-cmd', '.timeout 10000', collector.database, sql];
  return execFileSync('sqlite3', options, { encoding: 'utf8' });
}

/** What a question's answers came to: `{option: n}`. */
export function answersTo(collector, question) {
  const sql = `SELECT option, SUM(n) FROM tally WHERE question = '${question}' GROUP BY 1`;
  const rows = query(collector, sql);
  return Object.fromEntries(rows.trim().split('\n').filter(Boolean).map(row => row.split('|')).map(([k, n]) => [k, Number(n)]));
}

/** Chromium with a fresh profile. */
export function launch() {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args });
}

/** A fresh visitor. Everything that goes over the wire and every error of the page is noted in `log`. */
export async function visitor(browser, options = {}) {
  const context = await browser.newContext({ locale: 'it-IT', viewport: { width: 390, height: 844 }, ...options });
  const page = await context.newPage();
  const log = { requests: [], replies: [], errors: [], context };
  page.on('request', request => log.requests.push(request.url()));
  page.on('response', reply => log.replies.push(reply));
  page.on('pageerror', error => log.errors.push(String(error)));
  page.on('console', message => message.type() === 'error' && log.errors.push(message.text()));
  return { page, log, context };
}

/** What axe finds on a page: WCAG 2.0, 2.1 and 2.2, levels A and AA, and its best practices. Empty is right. */
export async function axeFindings(page) {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const result = await new (axe.default ?? axe)({ page }).withTags(tags).setLegacyMode().analyze();
  return result.violations.map(found => `${found.id}: ${found.nodes.map(node => node.target.join(' ')).join(', ')}`);
}

/** Asks again and again until something holds; fails when it never does. Yields what held. */
export async function eventually(ask, holds = Boolean, seconds = 30) {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > until) throw new Error(`still ${JSON.stringify(answer)} after ${seconds} s`);
    await wait(100);
  }
}

/** Whether something of the page is cut off or needs scrolling sideways. */
export function overflows(page) {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
}
