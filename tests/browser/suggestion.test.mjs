// What the page notices while a suggestion is written, on the corpus that redaction is measured with. It is help, not the
// guard: what it misses the server takes out all the same.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const CORPUS = new URL('../../collector/tests/redaction/corpus.txt', import.meta.url);
const SCRIPT = new URL('../../collector/templates/page/suggestion.js', import.meta.url);
// Sections whose data have a shape of their own; names, dates and passwords are known by words only, which are not looked for.
const SHAPED = ['Codice fiscale', 'Partita IVA', 'IBAN', 'Carte', 'E-mail', 'Telefoni'];

const suspicion = new Function(`${readFileSync(SCRIPT, 'utf8')}; return suspicion;`)();

/** The corpus' sentences: `{section, personal, text}`. */
function sentences() {
  let section = '';
  const read = [];
  for (const line of readFileSync(CORPUS, 'utf8').split('\n').filter(Boolean)) {
    if (line.startsWith('#')) {
      section = line.slice(2);
      continue;
    }
    const text = line.slice(2).replace(/\\u\{([0-9a-f]+)\}/g, (_, code) => String.fromCodePoint(parseInt(code, 16)));
    read.push({ section, personal: line.startsWith('+'), text: text.replace(/\{\{|\}\}/g, '') });
  }
  return read;
}

test('the live warning sees most of what has a shape, and leaves clean sentences alone', () => {
  const all = sentences();
  const noticed = of => all.filter(of).filter(({ text }) => suspicion(text) !== null).length;
  const count = of => all.filter(of).length;
  const shaped = ({ personal, section }) => personal && SHAPED.includes(section);
  const clean = ({ personal }) => !personal;
  const [seen, alarms] = [noticed(shaped), noticed(clean)];
  for (const section of SHAPED) {
    const here = one => one.personal && one.section === section;
    console.log(`${section}: ${noticed(here)} of ${count(here)}`);
  }
  console.log(`live warning: ${seen} of ${count(shaped)} with a shape, ${noticed(one => one.personal)} of `
    + `${count(one => one.personal)} with personal data; false alarms: ${alarms} of ${count(clean)} clean`);
  assert.ok(count(shaped) > 100 && count(clean) > 150);
  assert.ok(seen >= 0.85 * count(shaped), `${seen}`);
  assert.ok(alarms <= 0.02 * count(clean), `${alarms}`);
});

test('the warning names what it saw', () => {
  for (const [text, expected] of [
    ['cf RSS.MRA.85T10.A562S', 'tax_code'],
    ['scrivetemi a mario.rossi@esempio.it', 'email'],
    ['333 123.45.67', 'phone'],
    ['IT60 X054 2811 1010 0000 0123 456', 'iban'],
    ['P. IVA 12345678901', 'vat'],
    ['4111-1111-1111-1111', 'card'],
    ['350.000.000 euro per il ponte', null],
    ['protocollo 2024/0012345 del 10/05/2024', null],
    ['', null],
  ]) assert.equal(suspicion(text), expected, text);
});
