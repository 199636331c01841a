// Makes the pictures of the citizens' pages: `node screenshots.mjs FOLDER`. Twelve answers come first, so that a batch is
// sealed and the thanks can show the public score.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { collectorOf, launch, startDemo, visitor } from './lib.mjs';
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
  await wait(5_000);
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
  await thanked(page);
  await picture(page, `${name}-5-thanks`, true);
  await page.goto(`${inps.public}/accessibility${query}`);
  await picture(page, `${name}-6-accessibility`, true);
}

try {
  mkdirSync(folder, { recursive: true });
  await sealed();
  await walk(PHONE, 'phone', '?lang=it');
  await walk(DESK, 'desk', '?lang=de');
  const plain = await open({ ...PHONE, javaScriptEnabled: false }, '?lang=fr');
  await plain.click('#send');
  await picture(plain, 'phone-7-without-javascript', true);
} finally {
  await browser.close();
  await demo.stop();
}
