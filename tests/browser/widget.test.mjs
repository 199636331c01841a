// The component on another site's pages, in a real browser: opened and clicked as the official validator does, filled in by
// mouse and keyboard, sent over a bad line.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { answersTo, axeFindings, counted, eventually, launch, overflows, visitor } from './lib.mjs';
import { HOST_STYLE, TEMPLATE_SCRIPT, page as document_, startSite, tag, template } from './site.mjs';

const POSITIVE = ['Le indicazioni erano chiare', 'Le indicazioni erano complete',
  'Capivo sempre che stavo procedendo correttamente', 'Non ho avuto problemi tecnici', 'Altro'];
const NEGATIVE = ['A volte le indicazioni non erano chiare', 'A volte le indicazioni non erano complete',
  'A volte non capivo se stavo procedendo correttamente', 'Ho avuto problemi tecnici', 'Altro'];
// The most that the component may weigh, compressed and with headers.
const BYTES_MAX = 15 * 1024;

let site, browser, before_;

before(async () => {
  site = await startSite();
  const { collector, put } = site;
  put('/pagina', document_(tag(collector, 'pagine')));
  put('/pratica', document_(tag(collector, 'pratiche', 'data-kind="transaction"')));
  put('/due', document_(`${tag(collector, 'pagine')}<div id="qui"></div>${tag(collector, 'pratiche', 'data-target="#qui"')}`));
  put('/bottone', document_(tag(collector, 'pagine', 'data-mode="button"')));
  put('/collegamento', document_(tag(collector, 'pagine', 'data-mode="link"')));
  put('/altro', document_(tag(collector, 'altro-questionario')));
  put('/altrove', document_(tag(collector, 'altrove')));
  put('/ospite', document_(tag(collector, 'pagine'), { head: '<link rel="stylesheet" href="/ospite.css">' }));
  put('/ospite.css', HOST_STYLE);
  put('/modello', document_(template(collector, 'pagine')));
  put('/template.js', TEMPLATE_SCRIPT);
  for (const lang of ['en', 'de', 'fr', 'sl']) put(`/${lang}`, document_(tag(collector, 'pagine'), { lang }));
  for (const lang of ['it', 'en', 'de', 'fr', 'sl']) {
    put(`/${lang}/bottone`, document_(tag(collector, 'pagine', 'data-mode="button"'), { lang }));
  }
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});
beforeEach(() => { before_ = counted(site); });

async function visit(path, options) {
  const visited = await visitor(browser, options);
  await visited.page.goto(site.origin + path);
  await visited.page.waitForSelector('.gradimento:not([hidden])');
  return visited;
}

const rate = n => `[data-element="feedback-rate-${n}"]`;
const newly = () => counted(site) - before_;

async function toDetails(page, stars, reason) {
  await page.click(rate(stars));
  if (reason) await page.getByText(reason, { exact: true }).click();
  await page.getByRole('button', { name: 'Avanti' }).click();
}

async function send(page) {
  await page.getByRole('button', { name: 'Avanti' }).click();
  await page.getByText('Grazie, il tuo parere ci aiuterà a migliorare il servizio!').waitFor();
}

/** What the validator sees after a click on a star, found and measured as it does. */
function seenAfter(page, stars) {
  return page.evaluate(n => {
    const find = (name, root = document) => root.querySelector(`[data-element="${name}"]`);
    find(`feedback-rate-${n}`).click();
    find(`feedback-rate-${n}`).click();
    const visible = element => {
      const { top, bottom, width, height } = element.getBoundingClientRect();
      return getComputedStyle(element).visibility !== 'hidden' && [top, bottom, width, height].every(n => n > 0);
    };
    const block = name => {
      const root = find(`feedback-rating-${name}`);
      const answers = [...root.querySelectorAll('[data-element="feedback-rating-answer"]')];
      const question = find('feedback-rating-question', root).textContent.trim();
      return { visible: visible(root), question, answers: answers.map(answer => answer.textContent.trim()) };
    };
    return { positive: block('positive'), negative: block('negative') };
  }, stars);
}

test('the official validator finds every text and, after every star, exactly one block', async () => {
  const { page, log, context } = await visit('/pagina', { viewport: { width: 3840, height: 2160 } });
  const inComponent = name => `[data-element="feedback"] [data-element="${name}"]`;
  const text = name => page.evaluate(selector => document.querySelector(selector)?.textContent, inComponent(name));
  assert.equal((await text('feedback-title')).trim(), 'Quanto sono chiare le informazioni su questa pagina?');
  assert.equal(await text('feedback-input-text'), '');
  for (const stars of [1, 2, 3, 4, 5]) {
    const label = `Valuta ${stars} ${stars === 1 ? 'stella' : 'stelle'} su 5`;
    assert.equal((await text(`feedback-rate-${stars}`)).trim(), label);
    const seen = await seenAfter(page, stars);
    assert.deepEqual([seen.positive.visible, seen.negative.visible], [stars > 3, stars <= 3], `${stars} stars`);
    assert.equal(seen.positive.question, 'Quali sono stati gli aspetti che hai preferito?');
    assert.equal(seen.negative.question, 'Dove hai incontrato le maggiori difficoltà?');
    assert.deepEqual([seen.positive.answers, seen.negative.answers], [POSITIVE, NEGATIVE]);
  }
  assert.deepEqual(log.errors, []);
  assert.equal(newly(), 0, 'nothing was sent');
  await context.close();
});

test('the end of a transaction asks how easy it was', async () => {
  const { page, context } = await visit('/pratica');
  const title = await page.locator('[data-element="feedback-title"]').innerText();
  assert.equal(title, 'Quanto è stato facile usare questo servizio?');
  await context.close();
});

test('an answer counts once, under its codes, and the page learns only that it was given', async () => {
  const { page, log, context } = await visit('/pagina');
  const asked = () => log.requests.filter(url => url.includes('/rest/'));
  assert.deepEqual(asked(), [], 'nothing is told before a star is chosen');
  await page.evaluate(() => {
    window.heard = [];
    document.addEventListener('feedback-submit', event => window.heard.push([event.detail, event.target.className]));
  });
  const had = [answersTo(site, 'overall')['4'] ?? 0, answersTo(site, 'positive').clear_proceeding ?? 0];
  await toDetails(page, 4, POSITIVE[2]);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'LEGEND');
  await page.fill('textarea', 'Città, perché no? 👍');
  assert.equal(await page.getAttribute('textarea', 'maxlength'), '200');
  assert.match(await page.locator('.gradimento-counter').innerText(), /^18\d caratteri rimanenti$/);
  await send(page);
  const focused = await page.evaluate(() => document.activeElement.textContent);
  assert.equal(focused, 'Grazie, il tuo parere ci aiuterà a migliorare il servizio!');
  assert.match(await page.locator('.gradimento-withdrawal strong').innerText(), /^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
  assert.equal(await page.getByRole('link', { name: 'Ritira la risposta' }).getAttribute('href'), `${site.collector}/withdraw`);
  assert.equal(newly(), 1);
  assert.deepEqual([answersTo(site, 'overall')['4'], answersTo(site, 'positive').clear_proceeding], had.map(n => n + 1));
  assert.deepEqual(await page.evaluate(() => window.heard), [[null, 'gradimento gradimento-own']]);
  await context.close();
});

test('nothing is kept in the browser, nobody else is asked, and the page is not named', async () => {
  const { page, log, context } = await visit('/pagina');
  await toDetails(page, 5);
  await send(page);
  const origins = new Set(log.requests.map(url => new URL(url).origin));
  assert.deepEqual([...origins].sort(), [site.origin, site.collector].sort());
  for (const reply of log.replies.filter(one => one.url().startsWith(site.collector))) {
    const headers = await reply.request().allHeaders();
    assert.deepEqual([headers.referer, headers.cookie], [undefined, undefined], reply.url());
  }
  const kept = await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length]);
  assert.deepEqual(kept, ['', 0, 0]);
  const names = await page.evaluate(() => Object.keys(window).filter(name => /gradimento/i.test(name)));
  assert.deepEqual(names, ['Gradimento']);
  await context.close();
});

test('a double click and a reply that is lost count once', async () => {
  const { page, context } = await visit('/pagina');
  let lost = 0;
  await page.route('**/responses', async route => {
    if (lost++ > 0) return route.continue();
    await route.fetch();
    return route.abort('connectionreset');
  });
  await toDetails(page, 2, NEGATIVE[3]);
  await page.getByRole('button', { name: 'Avanti' }).dblclick();
  await page.getByText('Grazie, il tuo parere').waitFor();
  assert.ok(lost >= 2);
  assert.equal(newly(), 1);
  await context.close();
});

test('back and another star change the answer before it is sent', async () => {
  const { page, context } = await visit('/pagina');
  await toDetails(page, 5, POSITIVE[0]);
  await page.getByRole('button', { name: 'Indietro' }).click();
  assert.ok(await page.getByText(POSITIVE[0], { exact: true }).isVisible());
  await page.getByRole('button', { name: 'Indietro' }).click();
  assert.equal(await page.locator('input:checked').count(), 1, 'the star is taken back, the reason waits');
  const had = answersTo(site, 'negative').other_negative ?? 0;
  await page.click(rate(1));
  await page.locator('[data-element="feedback-rating-negative"]').getByText('Altro').click();
  await page.getByRole('button', { name: 'Avanti' }).click();
  await send(page);
  assert.deepEqual([newly(), answersTo(site, 'negative').other_negative], [1, had + 1]);
  await context.close();
});

test('a page on which the service may not stand says that nothing was sent, and keeps the answer', async () => {
  const { page, context } = await visit('/altrove');
  await toDetails(page, 3);
  await page.fill('textarea', 'Resta qui');
  await page.getByRole('button', { name: 'Avanti' }).click();
  const alert = page.locator('[role="alert"]:not(:empty)');
  await alert.waitFor({ timeout: 30_000 });
  assert.match(await alert.innerText(), /è ancora qui/);
  assert.deepEqual([await page.inputValue('textarea'), newly()], ['Resta qui', 0]);
  assert.deepEqual(await axeFindings(page), []);
  await context.close();
});

test('several on a page do not disturb each other', async () => {
  const { page, context } = await visit('/due');
  await page.waitForFunction(() => document.querySelectorAll('.gradimento:not([hidden])').length === 2);
  const twice = await page.evaluate(() => {
    const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
    return ids.filter((id, at) => ids.indexOf(id) !== at);
  });
  assert.deepEqual(twice, []);
  const [first, second] = [page.locator('.gradimento').first(), page.locator('#qui .gradimento')];
  await first.locator(rate(5)).click();
  await second.locator(rate(1)).click();
  assert.equal(await page.locator('.rating input:checked').count(), 2);
  assert.ok(await first.locator('[data-element="feedback-rating-positive"]').isVisible());
  assert.ok(await second.locator('[data-element="feedback-rating-negative"]').isVisible());
  assert.deepEqual(await axeFindings(page), []);
  await context.close();
});

test('on a site with Bootstrap Italia its classes dress the component', async () => {
  const { page, log, context } = await visit('/ospite');
  assert.equal(await page.locator('.gradimento-own').count(), 0);
  const radios = page.locator('fieldset.rating > input[type="radio"]');
  const stars = await radios.evaluateAll(inputs => inputs.map(input => input.value));
  assert.deepEqual(stars, ['5', '4', '3', '2', '1']);
  assert.equal(await page.locator('fieldset.rating > label.full > .visually-hidden').count(), 5);
  await page.click(rate(3));
  const fill = await page.locator(`${rate(2)} svg`).evaluate(star => getComputedStyle(star).fill);
  assert.equal(fill, 'rgb(1, 2, 3)', 'the page says what a chosen star looks like');
  assert.deepEqual(await page.locator('.btn-primary, .btn-outline-primary').allInnerTexts(), ['Indietro', 'Avanti']);
  assert.deepEqual(log.errors, []);
  await context.close();
});

test('the dialog works by keyboard alone, keeps focus inside and gives it back', async () => {
  const { page, context } = await visit('/bottone');
  const focused = () => page.evaluate(() => document.activeElement.value || document.activeElement.textContent);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator('dialog[open]').waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await page.locator('.rating input').first().focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await focused(), '4', 'left is one star less, as it looks');
  await page.keyboard.press('ArrowRight');
  assert.equal(await focused(), '5');
  for (let n = 0; n < 15; n += 1) {
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('dialog')));
  }
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('dialog[open]').count(), 0);
  assert.equal(await focused(), 'Valuta questo servizio');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Avanti' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Avanti' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('Grazie, il tuo parere').waitFor();
  await page.getByRole('button', { name: 'Chiudi' }).click();
  assert.equal(newly(), 1);
  await context.close();
});

test('axe finds nothing in the dialog in any language, and the button stands where the text does', async () => {
  for (const lang of ['it', 'en', 'de', 'fr', 'sl']) {
    const { page, context } = await visit(`/${lang}/bottone`);
    const [button, text] = [await page.locator('.gradimento > .btn').boundingBox(), await page.locator('main > p').boundingBox()];
    assert.ok(Math.abs(button.x - text.x) < 2, `${button.x} and ${text.x}`);
    await page.locator('.gradimento > .btn').click();
    assert.deepEqual(await axeFindings(page), [], lang);
    await page.click(rate(2));
    assert.deepEqual(await axeFindings(page), [], lang);
    await page.locator('.gradimento-buttons .btn-primary').click();
    await page.locator('.gradimento-buttons .btn-primary').click();
    await page.locator('.gradimento-withdrawal').waitFor();
    assert.deepEqual(await axeFindings(page), [], lang);
    await context.close();
  }
});

test('what happens is said to whoever does not see it', async () => {
  const { page, context } = await visit('/pagina');
  const said = () => page.locator('.gradimento [role="status"]').textContent();
  assert.equal(await said(), '');
  await page.click(rate(2));
  assert.equal(await said(), 'Dove hai incontrato le maggiori difficoltà?');
  await page.getByRole('button', { name: 'Avanti' }).click();
  await page.fill('textarea', 'x'.repeat(190));
  assert.equal(await said(), '10 caratteri rimanenti');
  let go;
  await page.route('**/responses', async route => {
    await new Promise(resume => { go = resume; });
    await route.continue();
  });
  await page.getByRole('button', { name: 'Avanti' }).click();
  await page.waitForFunction(() => document.querySelector('.gradimento [role="status"]').textContent === 'Invio in corso');
  await eventually(() => go);
  go();
  await page.locator('.gradimento-withdrawal').waitFor();
  assert.equal(await said(), '');
  await context.close();
});

test('on paper stands what was said, and the code; colours that the system forces are respected', async () => {
  const { page, context } = await visit('/pagina', { forcedColors: 'active' });
  const printed = async selector => {
    await page.emulateMedia({ media: 'print' });
    const visible = await page.locator(selector).isVisible();
    await page.emulateMedia({ media: 'screen' });
    return visible;
  };
  assert.equal(await printed('.gradimento'), false, 'nothing was said');
  await page.click(rate(2));
  assert.deepEqual([await printed('.gradimento .rating'), await printed('.gradimento-buttons')], [true, false]);
  assert.deepEqual(await axeFindings(page), []);
  await page.getByRole('button', { name: 'Avanti' }).click();
  await send(page);
  assert.equal(await printed('.gradimento-withdrawal strong'), true);
  assert.deepEqual(await axeFindings(page), []);
  await context.close();
});

test('the link, and a service that asks another questionnaire, lead to the service’s own page', async () => {
  const link = await visit('/collegamento');
  assert.equal(await link.page.locator('.gradimento a').getAttribute('href'), `${site.collector}/s/pagine`);
  assert.deepEqual(await axeFindings(link.page), []);
  const other = await visit('/altro');
  await other.page.click(rate(5));
  const href = await other.page.locator('.gradimento a').getAttribute('href');
  assert.equal(href, `${site.collector}/s/altro-questionario`);
  await Promise.all([link.context.close(), other.context.close()]);
});

test('axe finds nothing at any step in any language, and nothing is cut off at 320 pixels', async () => {
  for (const path of ['/pagina', '/en', '/de', '/fr', '/sl', '/ospite']) {
    const { page, context } = await visit(path, { viewport: { width: 320, height: 700 } });
    const check = async step => {
      assert.deepEqual(await axeFindings(page), [], `${path}, ${step}`);
      assert.equal(await overflows(page), false, `${path}, ${step}`);
    };
    await check('stars');
    await page.click(rate(2));
    await check('reasons');
    await page.locator('.gradimento-buttons .btn-primary').click();
    await check('details');
    await page.locator('.gradimento-buttons .btn-primary').click();
    await page.locator('.gradimento-withdrawal').waitFor();
    await check('thanks');
    await context.close();
  }
  assert.equal(newly(), 6);
});

test('the static template sends through the adapter, once, with its own markup unchanged', async () => {
  const { page, log, context } = await visitor(browser);
  await page.goto(`${site.origin}/modello`);
  await page.click('label[for="star2a"]');
  await page.click('label[for="radio-6"]');
  await page.fill('#testo', 'Manca l’orario');
  const had = answersTo(site, 'negative').incomplete_instructions ?? 0;
  const sent = page.waitForResponse('**/responses');
  await page.click('#fine');
  assert.equal((await sent).status(), 201);
  const again = page.waitForResponse('**/responses');
  await page.evaluate(() => document.dispatchEvent(new Event('feedback-submit')));
  assert.equal((await again).status(), 201);
  assert.deepEqual([newly(), answersTo(site, 'negative').incomplete_instructions], [1, had + 1]);
  assert.deepEqual(log.errors, []);
  await context.close();
});

test('script and style together stay under 15 kB on the wire', async () => {
  const { page, context } = await visitor(browser);
  const client = await context.newCDPSession(page);
  await client.send('Network.enable');
  const [paths, sizes] = [new Map(), {}];
  client.on('Network.requestWillBeSent', ({ requestId, request }) => paths.set(requestId, new URL(request.url)));
  client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const url = paths.get(requestId);
    if (url?.origin === site.collector) sizes[url.pathname] = encodedDataLength;
  });
  await page.goto(`${site.origin}/pagina`);
  await page.waitForSelector('.gradimento:not([hidden])');
  await eventually(() => Object.keys(sizes).length, n => n === 2);
  console.log('bytes on the wire, headers included:', sizes);
  assert.ok(sizes['/widget.js'] > 1_000 && sizes['/widget.js'] + sizes['/widget.css'] < BYTES_MAX);
  await context.close();
});
