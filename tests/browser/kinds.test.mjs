// A question of every kind in a real browser: faces, scales, yes and no, and several choices, which neither shipped
// questionnaire has.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { answersTo, axeFindings, launch, overflows, visitor } from './lib.mjs';
import { startSite } from './site.mjs';
import { choose, next, step, thanked } from './citizen.mjs';

const LANGUAGES = ['it', 'en', 'de', 'fr', 'sl'];

let site;
let browser;

before(async () => {
  site = await startSite();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

async function visit(options, query = '') {
  const visited = await visitor(browser, { viewport: { width: 320, height: 640 }, ...options });
  await visited.page.goto(`${site.collector}/s/tutto${query}`);
  return visited;
}

test('every kind is accessible, fits 320 pixels and any finger, and reads in five languages', async () => {
  for (const language of LANGUAGES) {
    const { page, log, context } = await visit({}, `?lang=${language}`);
    const look = async () => {
      const where = `${language} ${await step(page)}`;
      assert.deepEqual(await axeFindings(page), [], where);
      assert.equal(await overflows(page), false, where);
      const small = await page.$$eval('.ask:not([hidden]) label:has(input)', labels => labels
        .map(label => label.getBoundingClientRect()).filter(box => box.height < 44 || box.width < 44).length);
      assert.equal(small, 0, where);
    };
    for (const [question, option] of [['overall', 5], ['viso', 'neutral'], ['scala', 10], ['ancora', 'yes'], ['modi', 'app']]) {
      assert.equal(await step(page), question);
      await look();
      await choose(page, question, option);
      await look();
      await next(page);
    }
    await look();
    await page.click('#send');
    await thanked(page);
    await look();
    assert.deepEqual(log.errors, []);
    await context.close();
  }
  assert.deepEqual([answersTo(site, 'viso').neutral, answersTo(site, 'scala')['10'], answersTo(site, 'modi').app], [5, 5, 5]);
});

test('the keyboard alone answers every kind', async () => {
  const { page, context } = await visit();
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  const answers = { overall: ['ArrowRight'], viso: ['ArrowRight'], scala: ['ArrowLeft'], ancora: ['Space'], modi: ['Space', 'Tab', 'Space'] };
  for (const [question, keys] of Object.entries(answers)) {
    assert.equal(await step(page), question);
    for (let n = 0; n < 20 && (await page.evaluate(() => document.activeElement.name)) !== question; n += 1) await press('Tab');
    await press(...keys);
    await press('Enter');
  }
  assert.equal(await step(page), 'review');
  const said = await page.locator('.answers').innerText();
  assert.match(said, /Stelle: 2 su 5[\s\S]*Così così[\s\S]*10[\s\S]*Sì[\s\S]*Dal sito\s+Dall’app/);
  await page.click('#send');
  await thanked(page);
  await context.close();
});

test('what is chosen is seen where the system forces its colours, and on paper', async () => {
  const { page, context } = await visit({ forcedColors: 'active' });
  await choose(page, 'overall', 3);
  await next(page);
  await choose(page, 'viso', 'satisfied');
  const opacity = () => page.locator('#a-viso-satisfied').evaluate(input => getComputedStyle(input).opacity);
  assert.equal(await opacity(), '1');
  assert.deepEqual(await axeFindings(page), []);
  await page.emulateMedia({ media: 'print', forcedColors: 'none' });
  assert.equal(await opacity(), '1');
  assert.equal(await page.locator('.ask:visible').count(), 5);
  await context.close();
});
