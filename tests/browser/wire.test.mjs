// What goes over the wire and what stays in the browser: little, and nothing.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { visitor } from './lib.mjs';
import { scene, setScene } from './scene.mjs';
import { thanked, toReview } from './citizen.mjs';

setScene();

test('the page weighs little, comes from one place, and leaves nothing in the browser', async () => {
  const { page, log, context } = await visitor(scene.browser);
  const client = await context.newCDPSession(page);
  await client.send('Network.enable');
  let transferred = 0;
  client.on('Network.loadingFinished', ({ encodedDataLength }) => { transferred += encodedDataLength; });
  await page.goto(scene.inps.page, { waitUntil: 'networkidle' });
  const first = transferred;
  console.log(`# transfer of the first visit: ${first} bytes`);
  assert.ok(first > 5_000 && first < 25_000, `${first} bytes`);
  await toReview(page);
  await page.click('#send');
  await thanked(page);
  for (const path of ['/privacy', '/accessibility', '/s/nowhere']) await page.goto(scene.inps.public + path);
  await page.goto(`${scene.inps.public}/rest/cx/v1/services/nowhere/questionnaire`);
  assert.deepEqual(log.requests.filter(url => !url.startsWith(scene.inps.public)), []);
  for (const reply of log.replies) {
    const headers = await reply.allHeaders();
    const policy = headers['content-security-policy'] ?? '';
    assert.match(policy, /default-src 'none'/, reply.url());
    assert.doesNotMatch(policy, /unsafe|https?:|\*/, reply.url());
    assert.equal(headers['set-cookie'], undefined, reply.url());
    if (reply.url().includes('/s/')) assert.equal(headers['cache-control'], 'no-store');
  }
  assert.deepEqual(await context.cookies(), []);
  await page.goto(scene.inps.page);
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, '']);
  assert.deepEqual(await page.evaluate(() => indexedDB.databases()), []);
  await context.close();
});

test('style and script are fetched once: by their content’s address, or answered as unchanged', async () => {
  const page = await (await fetch(scene.inps.page)).text();
  for (const address of [page.match(/href="(\/style\.css\?v=\w+)"/)[1], page.match(/src="(\/page\.js\?v=\w+)"/)[1]]) {
    const first = await fetch(scene.inps.public + address);
    assert.match(first.headers.get('cache-control'), /immutable/);
    const plain = scene.inps.public + address.split('?')[0];
    const again = await fetch(plain, { headers: { 'If-None-Match': first.headers.get('etag') } });
    assert.equal(again.status, 304);
    assert.equal(again.headers.get('cache-control'), 'no-cache');
  }
});
