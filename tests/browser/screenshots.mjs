// Makes the pictures of every page, for citizens and of the aggregator, on a phone and on a desk: `node screenshots.mjs FOLDER`.
// Twelve answers come first, so that a batch is sealed and scores can be shown.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { collectorOf, eventually, launch, startDemo, visitor } from './lib.mjs';
import { choose, next, step, thanked, toReview } from './citizen.mjs';

const PHONE = { viewport: { width: 390, height: 844 } };
const DESK = { viewport: { width: 1280, height: 900 } };
const folder = process.argv[2] ?? 'screenshots';

const demo = await startDemo();
const browser = await launch();
const inps = collectorOf(demo.endpoints, 'inps');

async function picture(page, name, fullPage = false) {
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage, animations: 'disabled' });
}

async function open(options, query = '') {
  const { page } = await visitor(browser, options);
  await page.goto(inps.page + query);
  return page;
}

async function sealed() {
  for (const stars of [5, 4, 5, 3, 4, 5, 2, 5, 4, 4, 5, 4]) {
    const page = await open();
    await toReview(page, stars);
    await page.click('#send');
    await thanked(page);
    await page.context().close();
  }
  await eventually(async () => (await (await fetch(demo.endpoints.aggregator.public)).text()).includes('class="number"'));
}

async function walk(options, name, query) {
  const page = await open(options, query);
  await choose(page, 'overall', 4);
  await picture(page, `${name}-1-stars`);
  while ((await step(page)) !== 'outcome') await next(page);
  await choose(page, 'outcome', 'partly');
  await next(page);
  await choose(page, 'outcome_reason', 'sign_in_problem');
  await picture(page, `${name}-2-follow-up`);
  while ((await step(page)) !== 'suggestion') await next(page);
  await page.fill('textarea', 'Il PDF non si apre dal telefono. Chiamatemi al 347 123 4567.');
  await page.locator('.warning:not(:empty)').waitFor();
  await picture(page, `${name}-3-suggestion`);
  await next(page);
  await picture(page, `${name}-4-review`, true);
  await page.click('#send');
  const code = await thanked(page);
  await picture(page, `${name}-5-thanks`, true);
  await page.goto(`${inps.public}/withdraw${query}`);
  await page.fill('#withdrawal_code', code);
  await picture(page, `${name}-6-withdraw`, true);
  await page.locator('main button').click();
  await page.waitForLoadState();
  await picture(page, `${name}-7-withdrawn`, true);
  for (const [path, place] of [['privacy', '8'], ['accessibility', '9'], ['s/nessuno', '10']]) {
    await page.goto(`${inps.public}/${path}${query}`);
    await picture(page, `${name}-${place}-${path.replace('s/nessuno', 'not-found')}`, true);
  }
  await page.context().close();
}

async function leftOut(options, name, query) {
  const page = await open(options, query);
  await next(page);
  await picture(page, `${name}-15-error`);
  await page.context().close();
}

async function refusedInvitation(options, name, query) {
  const page = await open(options, `${query}&ticket=2026-01-01.00.00`);
  await picture(page, `${name}-16-refused-invitation`);
  await page.context().close();
}

async function withoutJavaScript(options, name, query) {
  const page = await open({ ...options, javaScriptEnabled: false }, query);
  await page.click('#send');
  await picture(page, `${name}-11-without-javascript`, true);
  await page.context().close();
}

async function kiosk(options, name) {
  const page = await open(options, '?kiosk=1');
  await picture(page, `${name}-12-kiosk`);
  await toReview(page, 5);
  await page.click('#send');
  await page.locator('.done').waitFor();
  await picture(page, `${name}-13-kiosk-thanks`);
  await page.context().close();
}

async function aggregator(options, name) {
  const { page } = await visitor(browser, options);
  await page.goto(demo.endpoints.aggregator.public);
  await picture(page, `${name}-14-national-figure`, true);
  await page.context().close();
}

async function posters() {
  const { page } = await visitor(browser, DESK);
  for (const format of ['a4', 'a6']) {
    await page.goto(`${inps.page.replace('/s/', '/poster/')}.svg?format=${format}&lang=it,de`);
    await page.locator('svg').first().screenshot({ path: join(folder, `poster-${format}.png`) });
  }
}

try {
  mkdirSync(folder, { recursive: true });
  await sealed();
  for (const [options, name, language] of [[PHONE, 'phone', 'it'], [DESK, 'desk', 'de']]) {
    await walk(options, name, `?lang=${language}`);
    await leftOut(options, name, `?lang=${language}`);
    await refusedInvitation(options, name, `?lang=${language}`);
    await withoutJavaScript(options, name, name === 'phone' ? '?lang=fr' : '?lang=sl');
    await kiosk(name === 'phone' ? options : { viewport: { width: 800, height: 1280 } }, name);
    await aggregator(options, name);
  }
  await posters();
} finally {
  await browser.close();
  await demo.stop();
}
