// Whoever comes, with whatever: keyboard, screen reader, small or enlarged screen, any of the five languages.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { answersTo, axeFindings, counted, overflows } from './lib.mjs';
import { LANGUAGES, axeWithoutScript, countsOnce, scene, setScene, visit } from './scene.mjs';
import { choose, next, step, thanked } from './citizen.mjs';

setScene();

test('without JavaScript a faulty form comes back with its answers, and the focus is on the summary', async () => {
  const { page, context } = await visit({ javaScriptEnabled: false });
  await choose(page, 'ease_of_use', 4);
  await page.fill('textarea', 'x'.repeat(1_001));
  await page.click('#send');
  assert.equal(await page.locator(':focus').getAttribute('id'), 'errors');
  assert.match(await page.title(), /^Errore: /);
  assert.equal(await page.locator('.errors a').count(), 2);
  assert.ok(await page.isChecked('#a-ease_of_use-4'));
  await page.locator('.errors a').first().click();
  assert.equal(await page.locator(':focus').getAttribute('id'), 'a-overall-1');
  assert.deepEqual(await axeWithoutScript(page), []);
  assert.equal(counted(scene.inps), scene.countedBefore);
  await context.close();
});

test('leaving a required question unanswered moves the focus to a summary that leads back to it', async () => {
  const { page, context } = await visit();
  await next(page);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'errors');
  assert.deepEqual(await axeFindings(page), []);
  await page.locator('.errors a').click();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'a-overall-1');
  await choose(page, 'overall', 2);
  assert.equal(await page.locator('.errors, .fault').count(), 0);
  assert.deepEqual(await dangling(page), []);
  await next(page);
  assert.match(await page.evaluate(() => document.activeElement.textContent), /Quanto è stato facile usare questo servizio\?/);
  await context.close();
});

/** Ids that describe something and are nowhere, or are named twice. */
function dangling(page) {
  return page.evaluate(() => [...document.querySelectorAll('[aria-describedby]')].flatMap(element => {
    const ids = element.getAttribute('aria-describedby').split(' ');
    return ids.filter((id, at) => !document.getElementById(id) || ids.indexOf(id) !== at);
  }));
}

test('faults come and go without a trace, and one that is mended takes no other with it', async () => {
  const { page, context } = await visit();
  for (let n = 0; n < 3; n += 1) await next(page);
  assert.equal(await page.locator('.errors').count(), 1);
  assert.deepEqual([await page.locator('.errors li').count(), await page.locator('.fault').count()], [1, 1]);
  assert.deepEqual(await dangling(page), []);
  await choose(page, 'overall', 2);
  while ((await step(page)) !== 'suggestion') await next(page);
  const area = page.locator('textarea');
  await area.fill('x'.repeat(1_001));
  for (let n = 0; n < 2; n += 1) await next(page);
  assert.equal(await area.getAttribute('aria-invalid'), 'true');
  assert.match(await area.getAttribute('aria-describedby'), /^f-suggestion h-suggestion$/);
  await area.fill('corto');
  await next(page);
  assert.equal(await step(page), 'review');
  assert.deepEqual([await area.getAttribute('aria-invalid'), await area.getAttribute('aria-describedby')], [null, 'h-suggestion']);
  await context.close();
  // Two faults that the server found, as a page without our script was answered.
  const plain = await visit({ javaScriptEnabled: false });
  await plain.page.fill('textarea', 'x'.repeat(1_001));
  await plain.page.click('#send');
  const [url, body] = [plain.page.url(), await plain.page.content()];
  await plain.context.close();
  const { page: faulty, context: other } = await visit();
  await faulty.route(url, route => route.fulfill({ body, contentType: 'text/html; charset=utf-8' }));
  await faulty.goto(url);
  assert.equal(await faulty.locator('.errors li').count(), 2);
  await choose(faulty, 'overall', 3);
  assert.match(await faulty.locator('.errors').innerText(), /massimo 1000/);
  assert.deepEqual([await faulty.locator('.errors li').count(), await dangling(faulty)], [1, []]);
  await other.close();
});

test('the keyboard alone is enough', async () => {
  const { page, context } = await visit();
  await page.keyboard.press('Tab');
  assert.equal(await page.locator(':focus').getAttribute('class'), 'skip');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.ok(await page.isChecked('#a-overall-3'));
  // Enter within a question goes on; it must never press the language switch.
  await page.keyboard.press('Enter');
  assert.equal(await step(page), 'ease_of_use');
  for (let n = 0; n < 60 && (await step(page)) !== 'review'; n += 1) {
    await page.keyboard.press('Tab');
    if ((await page.locator(':focus').getAttribute('id')) === 'next') await page.keyboard.press('Enter');
  }
  assert.equal(await step(page), 'review');
  const focused = () => page.locator(':focus').getAttribute('id');
  for (let n = 0; n < 20 && (await focused()) !== 'send'; n += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await thanked(page);
  assert.equal(answersTo(scene.inps, 'overall')[3] > 0, true);
  countsOnce();
  await context.close();
});

test('the language is switched with every answer and the step kept, with and without JavaScript', async () => {
  for (const javaScriptEnabled of [true, false]) {
    const { page, context } = await visit({ javaScriptEnabled });
    await choose(page, 'overall', 2);
    if (javaScriptEnabled) await next(page);
    await page.locator('button[value=de]').click();
    await page.waitForURL('**?lang=de');
    assert.equal(await page.getAttribute('html', 'lang'), 'de');
    assert.ok(await page.isChecked('#a-overall-2'));
    assert.equal(await page.locator('.errors').count(), 0);
    if (javaScriptEnabled) assert.equal(await step(page), 'ease_of_use');
    await context.close();
  }
  assert.equal(counted(scene.inps), scene.countedBefore, 'a switch counts nothing');
});

test('the browser’s language is spoken, and the link’s before it', async () => {
  for (const language of LANGUAGES) {
    const { page, context } = await visit({ locale: language });
    assert.equal(await page.getAttribute('html', 'lang'), language);
    await context.close();
  }
  const { page, context } = await visit({ locale: 'de' }, '?lang=sl');
  assert.equal(await page.getAttribute('html', 'lang'), 'sl');
  await context.close();
});

test('a suggestion is counted as it is typed, and personal data is pointed out', async () => {
  const { page, context } = await visit();
  await page.clock.install();
  await page.reload();
  await choose(page, 'overall', 4);
  while ((await step(page)) !== 'suggestion') await next(page);
  assert.equal(await page.locator('#q-suggestion > .hint:not(.count)').count(), 1, 'one hint is enough');
  const warning = page.locator('.warning');
  for (const [text, expected] of [
    ['La pagina 3 del modello 730/2026 non si apre', ''],
    ['Protocollo 2026/0012345 del 12.03.2026, 1.250,00 euro', ''],
    ['cf rssmra85t10a562s', 'codice fiscale'],
    ['scrivetemi a mario.rossi@example.it', 'e\u2011mail'],
    ['cell. 347 123 4567', 'telefono'],
    ['IT60 X054 2811 1010 0000 0123 456', 'IBAN'],
    ['350.000.000 euro per il ponte', ''],
    ['P. IVA 12345678903', 'partita IVA'],
  ]) {
    await page.fill('textarea', text);
    await page.clock.runFor(1_000);
    const said = await warning.textContent();
    assert.ok(expected ? said.includes(expected) : said === '', `${text}: ${said}`);
  }
  await page.fill('textarea', '👍'.repeat(1_001));
  assert.match(await page.locator('.count').innerText(), /di troppo: 1$/);
  await next(page);
  assert.match(await page.locator('.errors').innerText(), /massimo 1000/);
  await context.close();
});

test('axe finds nothing on any page or step in any language', async () => {
  const found = [];
  for (const language of LANGUAGES) {
    const { page, context } = await visit({}, `?lang=${language}`);
    const look = async where => found.push(...(await axeFindings(page)).map(finding => `${language} ${where}: ${finding}`));
    await next(page);
    await look('error summary');
    await choose(page, 'overall', 4);
    // Every step in Italian; in the other languages one of each kind.
    const looked = ['overall', 'outcome_reason', 'suggestion'];
    while ((await step(page)) !== 'review') {
      if (language === 'it' || looked.includes(await step(page))) await look(await step(page));
      if ((await step(page)) === 'outcome') await choose(page, 'outcome', 'partly');
      await next(page);
    }
    await look('review');
    await page.route('**/s/*', route => route.abort('connectionreset'), { times: 1 });
    await page.click('#send');
    await page.locator('#failed').waitFor();
    await look('network failure');
    await page.click('#retry');
    const code = await thanked(page);
    await look('thanks');
    for (const state of ['done', 'impossible']) {
      await page.goto(`${scene.inps.public}/withdraw?lang=${language}`);
      await page.fill('#withdrawal_code', code);
      await page.locator('main button').click();
      await page.locator(state === 'done' ? '[role=status]' : '#fault').waitFor();
      await look(`withdrawal ${state}`);
    }
    const refused = `${new URL(scene.inps.page).pathname}?ticket=x&lang=${language}`;
    for (const path of ['/withdraw', '/privacy', '/accessibility', '/s/nowhere', '/nowhere', refused]) {
      await page.goto(`${scene.inps.public}${path}${path.includes('?') ? '' : `?lang=${language}`}`);
      assert.equal(await page.getAttribute('html', 'lang'), language, path);
      await look(path);
    }
    await context.close();
    const plain = await visit({ javaScriptEnabled: false }, `?lang=${language}`);
    found.push(...(await axeWithoutScript(plain.page)).map(finding => `${language} plain: ${finding}`));
    await plain.context.close();
  }
  assert.deepEqual(found, []);
});

test('nothing is cut off at 320 pixels, nor at 200 % zoom', async () => {
  // 200 % zoom of a window of 640 pixels leaves 320 CSS pixels, each two device pixels wide.
  const narrowed = [{ width: 320, height: 568 }, { width: 320, height: 450, deviceScaleFactor: 2 }];
  for (const { deviceScaleFactor = 1, ...viewport } of narrowed) {
    for (const language of LANGUAGES) {
      const { page, context } = await visit({ viewport, deviceScaleFactor }, `?lang=${language}`);
      const narrow = async where => assert.equal(await overflows(page), false, `${language} ${where}`);
      await choose(page, 'overall', 4);
      while ((await step(page)) !== 'review') {
        await narrow(await step(page));
        if ((await step(page)) === 'outcome') await choose(page, 'outcome', 'partly');
        await next(page);
      }
      await narrow('review');
      await page.click('#send');
      await thanked(page);
      await narrow('thanks');
      for (const path of ['/withdraw', '/privacy', '/accessibility']) {
        await page.goto(`${scene.inps.public}${path}?lang=${language}`);
        await narrow(path);
      }
      await context.close();
    }
  }
});

test('text of twice the size still fits', async () => {
  const { page, context } = await visit({ viewport: { width: 640, height: 900 }, javaScriptEnabled: true });
  await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
  assert.equal(await overflows(page), false);
  await context.close();
});

test('every target is at least 44 pixels high and wide', async () => {
  const { page, context } = await visit({ viewport: { width: 320, height: 568 }, javaScriptEnabled: false });
  const targets = '.ask label:has(input), button:not(.default), footer a';
  const small = await page.evaluate(targets => [...document.querySelectorAll(targets)]
    .map(element => ({ text: element.textContent.trim(), box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.height < 44 || box.width < 44).map(({ text, box }) => `${text} ${box.width}x${box.height}`), targets);
  assert.deepEqual(small, []);
  await context.close();
});

test('colours that the system forces, and stillness that it asks for, are respected', async () => {
  const { page, context } = await visit({ forcedColors: 'active', reducedMotion: 'reduce', contrast: 'more' });
  await choose(page, 'overall', 4);
  assert.equal(await page.locator('#a-overall-4').evaluate(input => getComputedStyle(input).opacity), '1');
  assert.deepEqual(await axeFindings(page), []);
  while ((await step(page)) !== 'review') await next(page);
  assert.deepEqual(await axeFindings(page), []);
  await page.click('#send');
  await thanked(page);
  assert.deepEqual(await axeFindings(page), []);
  await context.close();
});

test('on paper stands every question with its answer, then the code, and nothing to press', async () => {
  const { page, context } = await visit();
  const pressed = () => page.locator('button:visible, nav a:visible').count();
  await choose(page, 'overall', 4);
  await page.emulateMedia({ media: 'print' });
  assert.deepEqual([await page.locator('.ask:visible').count(), await pressed()], [8, 0]);
  assert.equal(await page.locator('#a-overall-4').evaluate(input => getComputedStyle(input).opacity), '1');
  await page.emulateMedia({ media: 'screen' });
  while ((await step(page)) !== 'review') await next(page);
  await page.emulateMedia({ media: 'print' });
  assert.deepEqual([await page.locator('.ask:visible').count(), await pressed()], [8, 0]);
  await page.emulateMedia({ media: 'screen' });
  await page.click('#send');
  await thanked(page);
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.locator('.code strong').isVisible());
  assert.equal(await pressed(), 0);
  await context.close();
});
