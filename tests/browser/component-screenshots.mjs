// Makes the pictures of the component on another site's page, and of the kinds of questions that the demo does not ask: `node component-screenshots.mjs FOLDER`.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launch, visitor } from './lib.mjs';
import { choose, next } from './citizen.mjs';
import { page as document_, startSite, tag } from './site.mjs';

const PHONE = { viewport: { width: 390, height: 700 } };
const DESK = { viewport: { width: 1024, height: 640 } };
// What a municipal site might look like.
const SITE_STYLE = `body { margin: 0; background: #f5f5f5; color: #17324d; font: 1.125rem/1.5 'Titillium Web', sans-serif }
  main { max-width: 60rem; min-height: 100vh; margin: 0 auto; padding: 2rem 1.25rem; background: #fff; box-sizing: border-box }
  h1 { margin: 0; font-size: 2rem }`;
const folder = process.argv[2] ?? 'screenshots';

const site = await startSite();
const browser = await launch();

async function walk(options, name) {
  const { page } = await visitor(browser, options);
  const look = { animations: 'disabled', fullPage: true };
  const picture = step => page.screenshot({ path: join(folder, `component-${name}-${step}.png`), ...look });
  const onwards = () => page.getByRole('button', { name: 'Avanti' }).click();
  await page.goto(`${site.origin}/pagina`);
  await page.click('[data-element="feedback-rate-2"]');
  await page.mouse.move(0, 0);
  await picture('1-reasons');
  await page.getByText('A volte le indicazioni non erano chiare').click();
  await onwards();
  await page.fill('textarea', 'Non è chiaro quali fototessere servono.');
  await picture('2-details');
  await onwards();
  await page.locator('.gradimento-withdrawal').waitFor();
  await picture('3-thanks');
  await page.goto(`${site.origin}/bottone`);
  await page.getByRole('button', { name: 'Valuta questo servizio' }).click();
  await picture('4-dialog');
  await page.context().close();
}

async function kinds(options, name) {
  const { page } = await visitor(browser, options);
  await page.goto(`${site.collector}/s/tutto`);
  await choose(page, 'overall', 4);
  for (const [question, option] of [['viso', 'satisfied'], ['scala', 8]]) {
    await next(page);
    await choose(page, question, option);
    await page.screenshot({ path: join(folder, `${name}-17-${question}.png`), animations: 'disabled' });
  }
  await page.context().close();
}

try {
  mkdirSync(folder, { recursive: true });
  const head = '<link rel="stylesheet" href="/sito.css">';
  site.put('/sito.css', SITE_STYLE);
  site.put('/pagina', document_(tag(site.collector, 'pagine'), { head }));
  site.put('/bottone', document_(tag(site.collector, 'pratiche', 'data-mode="button" data-kind="transaction"'), { head }));
  await walk(PHONE, 'phone');
  await walk(DESK, 'desk');
  await kinds(PHONE, 'phone');
  await kinds(DESK, 'desk');
} finally {
  await browser.close();
  await site.stop();
}
