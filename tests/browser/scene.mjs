// What every test of the hosted page stands on: the demo, a browser, and how many answers had counted before the test.

import { after, before, beforeEach } from 'node:test';
import assert from 'node:assert/strict';
import { axeFindings, collectorOf, counted, launch, startDemo, visitor } from './lib.mjs';

export const LANGUAGES = ['it', 'en', 'de', 'fr', 'sl'];
export const scene = {};

/** Sets the scene for the tests of one file. */
export function setScene() {
  before(async () => {
    scene.demo = await startDemo();
    scene.browser = await launch();
    scene.inps = collectorOf(scene.demo.endpoints, 'inps');
  });
  after(async () => {
    await scene.browser?.close();
    await scene.demo?.stop();
  });
  beforeEach(() => { scene.countedBefore = counted(scene.inps); });
}

/** A fresh visitor on the page of INPS' service. */
export async function visit(options, query = '') {
  const visited = await visitor(scene.browser, options);
  await visited.page.goto(scene.inps.page + query);
  return visited;
}

/** The answer that the test gave counts, and counts once. */
export function countsOnce() {
  assert.equal(counted(scene.inps) - scene.countedBefore, 1, 'the answer must count exactly once');
}

/** What axe finds on a page that has no JavaScript. It cannot run there: the same page is shown where ours does not arrive. */
export async function axeWithoutScript(page) {
  const other = await visitor(scene.browser);
  await other.page.route('**/page.js*', route => route.abort());
  const [url, body] = [page.url(), await page.content()];
  await other.page.route(url, route => route.fulfill({ body, contentType: 'text/html; charset=utf-8' }));
  await other.page.goto(url);
  const findings = await axeFindings(other.page);
  await other.context.close();
  return findings;
}
