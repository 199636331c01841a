// The aggregator's public page: empty, and with a figure.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { axeFindings, overflows, visitor } from './lib.mjs';
import { scene, setScene } from './scene.mjs';

setScene();

const FIGURE_SECONDS_MAX = 40;

async function answer(stars) {
  const reply = await fetch(`${scene.inps.page.replace('/s/', '/rest/cx/v1/services/')}/responses`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    body: JSON.stringify({ questionnaire: 'national-core', version: 1, answers: { overall: stars } }),
  });
  assert.equal(reply.status, 201);
}

async function open(width) {
  const { page, log, context } = await visitor(scene.browser, { viewport: { width, height: 800 } });
  await page.goto(scene.demo.endpoints.aggregator.public);
  return { page, log, context };
}

test('before any figure the page says why there is none', async () => {
  const { page, context } = await open(320);
  assert.match(await page.innerText('main'), /almeno 10 persone/);
  assert.deepEqual(await axeFindings(page), []);
  await context.close();
});

test('the figure is drawn with its interval, in words too, on any screen, and asks nobody else', async () => {
  for (const stars of [5, 4, 5, 3, 4, 5, 2, 5, 4, 4, 5, 4]) await answer(stars);
  let shown = await open(1280);
  for (let waited = 0; !(await shown.page.innerText('main')).includes('n\u00a0=\u00a010'); waited++) {
    assert.ok(waited < FIGURE_SECONDS_MAX, 'the figure must arrive');
    await wait(1_000);
    await shown.context.close();
    shown = await open(1280);
  }
  const { page, log, context } = shown;
  const score = await page.innerText('.number');
  assert.match(await page.innerText('h2'), /^\p{L}+ 20\d\d$/u);
  const words = await page.getAttribute('.scale', 'aria-label');
  const [low, high] = words.match(/intervallo da ([\d,]+) a ([\d,]+)$/).slice(1).map(text => Number(text.replace(',', '.')));
  assert.ok(words.startsWith(`Su una scala da 0 a 100: ${score}`), words);
  // Four units of the drawing for each point, from zero.
  const drawn = await page.evaluate(() => {
    const number = (selector, name) => Number(document.querySelector(selector).getAttribute(name));
    return { from: number('.interval', 'x'), length: number('.interval', 'width'), at: number('.point', 'cx') };
  });
  const near = (a, b) => assert.ok(Math.abs(a - b) < 0.5, `${a} and ${b}`);
  near(drawn.from, low * 4);
  near(drawn.from + drawn.length, high * 4);
  near(drawn.at, Number(score.replace(',', '.')) * 4);
  assert.deepEqual(await axeFindings(page), []);
  assert.deepEqual(log.errors, []);
  const origin = new URL(scene.demo.endpoints.aggregator.public).origin;
  assert.ok(log.requests.every(url => new URL(url).origin === origin), log.requests.join(' '));
  assert.ok((await log.replies[0].headerValue('content-security-policy'))?.includes("default-src 'none'"));
  assert.deepEqual(await context.cookies(), []);
  await page.setViewportSize({ width: 320, height: 800 });
  assert.equal(await overflows(page), false);
  await context.close();
});
