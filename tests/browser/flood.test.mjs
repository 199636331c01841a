// While too many answers arrive: the page and the component prove some work by themselves, and their citizen notices nothing.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { counted, launch, visitor } from './lib.mjs';
import { page as around, startSite, tag } from './site.mjs';
import { thanked, toReview } from './citizen.mjs';

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

// More answers than the service takes in a minute.
async function crowd(service, questionnaire) {
  const address = `${site.collector}/rest/cx/v1/services/${service}/responses`;
  const body = JSON.stringify({ questionnaire, version: 1, answers: { overall: 1 } });
  const send = () => fetch(address, {
    method: 'POST', body, headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
  });
  for (let sent = 0; sent < 5; sent += 1) if ((await send()).status === 429) return;
  assert.fail('the service takes everything');
}

const statuses = (log, method) => log.replies.filter(reply => reply.request().method() === method).map(reply => reply.status());

test('a page that was opened before the crowd came works for its answer, and one that comes later has worked ahead', async () => {
  const service = 'affollato-anch-esso';
  const before = counted(site);
  const early = await visitor(browser);
  await early.page.goto(`${site.collector}/s/${service}`);
  await toReview(early.page);
  await crowd(service, 'national-core');
  const late = await visitor(browser);
  await late.page.goto(`${site.collector}/s/${service}`);
  await toReview(late.page);
  await early.page.click('#send');
  await thanked(early.page);
  await late.page.click('#send');
  await thanked(late.page);
  assert.deepEqual([statuses(early.log, 'POST'), statuses(late.log, 'POST')], [[429, 201], [201]]);
  assert.equal(counted(site) - before, 3, 'both, and the first of the crowd');
  await Promise.all([early.context.close(), late.context.close()]);
});

test('the component works for its answer too', async () => {
  site.put('/', around(tag(site.collector, 'affollato')));
  await crowd('affollato', 'designers-italia');
  const { page, log, context } = await visitor(browser);
  await page.goto(`${site.origin}/`);
  await page.locator('[data-element="feedback-rate-5"]').click();
  const forward = page.locator('.gradimento-buttons .btn-primary');
  await forward.click();
  const sent = page.waitForRequest(request => request.url().endsWith('/responses') && request.method() === 'POST');
  await forward.click();
  assert.match((await sent).headers()['proof-of-work'] ?? '', /^\d+$/);
  await page.locator('.gradimento-withdrawal strong').waitFor();
  assert.equal(log.replies.filter(reply => reply.url().endsWith('/responses') && reply.status() === 201).length, 1);
  await context.close();
});
