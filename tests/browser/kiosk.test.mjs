// The page on a counter's screen: whoever comes next finds a fresh form, and nothing of whoever left.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { axeFindings, counted, overflows } from './lib.mjs';
import { LANGUAGES, countsOnce, scene, setScene, visit } from './scene.mjs';
import { choose, next, step, toReview } from './citizen.mjs';

setScene();

const KIOSK = '?kiosk=1';
const TABLET = { viewport: { width: 800, height: 1280 } };

/** A visitor whose clock stands still until the test moves it. */
async function stand(query = KIOSK) {
  const visited = await visit(TABLET, query);
  await visited.page.clock.install();
  await visited.page.goto(scene.inps.page + query);
  return visited;
}

async function send(page) {
  await page.click('#send');
  await page.locator('.done').waitFor();
}

/** The first question, nothing chosen, in the screen's own language. */
async function fresh(page) {
  await page.waitForFunction(() => location.search === '?kiosk=1' && document.querySelector('#next'));
  await page.waitForFunction(() => document.querySelectorAll('.ask input:checked').length === 0);
  assert.equal(await step(page), 'overall');
  assert.equal(await page.getAttribute('html', 'lang'), 'it');
}

test('the thanks give way to a fresh form after ten seconds, counted down on screen', async () => {
  const { page, log, context } = await stand();
  await toReview(page);
  await send(page);
  const line = page.locator('#again [aria-hidden]');
  assert.match(await line.innerText(), /Secondi prima di ricominciare: 10/);
  await page.clock.runFor(8_500);
  assert.match(await line.innerText(), /Secondi prima di ricominciare: 2/);
  await page.clock.runFor(2_000);
  await fresh(page);
  countsOnce();
  assert.deepEqual(log.errors, []);
  for (const reply of log.replies.filter(reply => reply.url().includes('/s/'))) {
    assert.equal(reply.headers()['cache-control'], 'no-store');
  }
  await context.close();
});

test('whoever wants to read on stays, and a minute without a touch later the form is fresh', async () => {
  const { page, context } = await stand();
  await toReview(page);
  await send(page);
  await page.click('#stay');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'restart');
  await page.clock.runFor(39_000);
  assert.equal(await page.locator('.done').count(), 1);
  await page.clock.runFor(2_000);
  assert.match(await page.locator('dialog').innerText(), /Ci sei ancora\?/);
  await page.clock.runFor(20_000);
  await fresh(page);
  await context.close();
});

test('“start again now” does so at once', async () => {
  const { page, context } = await stand();
  await toReview(page);
  await send(page);
  await page.click('#restart');
  await fresh(page);
  await context.close();
});

test('a half-filled form asks after 40 seconds and is wiped after 60; an answer keeps everything', async () => {
  const { page, context } = await stand();
  await choose(page, 'overall', 2);
  await next(page);
  for (const answer of [() => page.click('dialog button'), () => page.keyboard.press('Escape')]) {
    await page.clock.runFor(41_000);
    assert.match(await page.locator('dialog').innerText(), /Secondi rimasti: (20|19)/);
    assert.deepEqual(await axeFindings(page), []);
    await page.clock.runFor(15_000);
    await answer();
    await page.locator('dialog').waitFor({ state: 'detached' });
    assert.equal(await step(page), 'ease_of_use');
    assert.ok(await page.isChecked('#a-overall-2'));
  }
  await page.clock.runFor(62_000);
  await fresh(page);
  await page.goBack();
  await page.locator('#next').waitFor();
  assert.equal(await page.locator('.ask input:checked').count(), 0, 'the back button must bring nothing back');
  assert.equal(counted(scene.inps), scene.countedBefore);
  await context.close();
});

test('every touch starts the minute again', async () => {
  const { page, context } = await stand();
  await choose(page, 'overall', 2);
  for (let n = 0; n < 4; n += 1) {
    await page.clock.runFor(35_000);
    assert.equal(await page.locator('dialog').count(), 0);
    await choose(page, 'overall', 1 + n);
  }
  await context.close();
});

test('a form that nobody has touched asks nobody', async () => {
  const { page, context } = await stand();
  await page.clock.runFor(10 * 60_000);
  assert.equal(await page.locator('dialog').count(), 0);
  await context.close();
});

test('a language chosen by somebody who left does not stay', async () => {
  const { page, context } = await stand();
  await page.locator('button[value=de]').click();
  await page.waitForURL('**lang=de');
  assert.equal(await page.getAttribute('html', 'lang'), 'de');
  await page.locator('#next').waitFor();
  await page.clock.runFor(62_000);
  await fresh(page);
  await context.close();
});

test('what was entered goes also where the collector cannot be reached, and the form comes when it can', async () => {
  const { page, context } = await stand();
  await choose(page, 'overall', 2);
  await page.route('**/s/**', route => route.abort());
  await page.clock.runFor(62_000);
  await page.waitForFunction(() => !document.getElementById('answers'));
  await page.unroute('**/s/**');
  await page.clock.runFor(6_000);
  await fresh(page);
  await context.close();
});

test('the withdrawal code is shown only to whoever asks for it', async () => {
  const { page, context } = await stand();
  await toReview(page);
  await send(page);
  const code = page.locator('.code strong');
  assert.equal(await code.isVisible(), false);
  await page.locator('summary').click();
  assert.match(await code.innerText(), /\S{8,}/);
  // Opening it is a touch: the page waits for the citizen to copy it.
  await page.clock.runFor(30_000);
  assert.ok(await code.isVisible());
  await context.close();
});

test('no link leads away, every target is large, and axe finds nothing in any language', async () => {
  for (const language of LANGUAGES) {
    const { page, context } = await stand(`${KIOSK}&lang=${language}`);
    const leading = () => page.$$eval('a', links => links.map(link => link.getAttribute('href')).filter(to => !to.startsWith('#')));
    assert.deepEqual(await leading(), []);
    assert.equal(await page.getAttribute('#answers', 'autocomplete'), 'off');
    const small = await page.$$eval('.tiles label, .languages button, .send button', targets => targets
      .map(target => target.getBoundingClientRect()).filter(box => box.height && (box.height < 60 || box.width < 60)).length);
    assert.equal(small, 0);
    assert.deepEqual(await axeFindings(page), []);
    await toReview(page);
    await send(page);
    assert.deepEqual(await leading(), []);
    assert.equal(await overflows(page), false);
    assert.deepEqual(await axeFindings(page), [], language);
    await context.close();
  }
});

test('without JavaScript the thanks lead back by themselves, and the form says kiosk again', async () => {
  const { page, context } = await visit({ ...TABLET, javaScriptEnabled: false }, KIOSK);
  assert.equal(await page.locator('meta[http-equiv=refresh]').count(), 0, 'nobody knows whether somebody is still writing');
  await choose(page, 'overall', 3);
  await send(page);
  assert.equal(await page.getAttribute('meta[http-equiv=refresh]', 'content'), '30;url=?kiosk=1');
  assert.equal(await page.locator('.code strong').isVisible(), false);
  await page.goto(new URL(KIOSK, page.url()).href);
  assert.equal(await page.locator('.ask input:checked').count(), 0);
  countsOnce();
  await context.close();
});
