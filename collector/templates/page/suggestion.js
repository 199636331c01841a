// Help while a suggestion is written: how much room is left, and a polite word where something looks like personal data.
// Only shapes are looked at, and nothing leaves the page; what is stored is decided by the server alone.

const SHAPES = [
  // Digits may be letters: the revenue office replaces them where two people would have the same code. Letter by letter only
  // real digits tell a code from words.
  ['tax_code', /(?:\b|cf)[a-z]{6}[\dl-v]{2}[a-ehlmprst][\dl-v]{2}[a-z][\dl-v]{3}[a-z]?[a-z]\b/i],
  ['tax_code', /\b(?:[a-z][\s.-]?){6}(?:\d[\s.-]?){2}[a-ehlmprst][\s.-]?(?:\d[\s.-]?){2}[a-z][\s.-]?(?:\d[\s.-]?){3}[a-z]?\b/i],
  ['email', /[^\s@]+\s?@\s?[^\s@]+\s?\.\s?[a-z]{2,}|\bchiocciola [\w.]*(?: punto |\.)|[([]at[)\]]/i],
  ['iban', /\b(?:it|sm)[\s-]?\d{2}[\s-]?[a-z](?:[\s-]?[\do]){10}(?:[\s-]?[a-z0-9]){6,12}\b/i],
  ['iban', /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}/],
];
// Digits with what people put between them, and the unit that makes an amount of them.
const NUMBER = /\+?\(?\d+(?:[ ./()-]{1,3}\d+)*(\s?(?:€|eur\b|euro\b|%))?/gi;

// The digits of a number satisfy the formula of Luhn: cards, and VAT numbers, which the revenue office made alike.
function checks(digits) {
  const sum = Array.from(digits).reverse().reduce((sum, digit, place) => {
    const value = Number(digit) * (place % 2 ? 2 : 1);
    return sum + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

// What a number with its separators looks like, if anything.
function kindOf(number, before) {
  const digits = number.replace(/\D/g, '');
  const groups = number.split(/\D+/).filter(Boolean).map(group => group.length);
  const thousands = groups.length > 1 && groups[0] < 4 && groups.slice(1).every(length => length === 3);
  if (digits.length === 11 && (/iva\W*(?:n\w*\W*|it)?$/i.test(before) || (groups.length === 1 && checks(digits)))) return 'vat';
  const ofCard = checks(digits) ? Math.min(...groups) > 2 : /^4{4}$/.test(groups.join(''));
  if (digits.length > 14 && digits.length < 20 && ofCard) return 'card';
  const own = digits.replace(/^(?:00)?39(?=[03])/, '');
  if (/^\+|^0039/.test(number) && own.length > 8 && own.length < 12) return 'phone';
  if (/\b(?:tel|cell|fisso)[a-z]*\W*$/i.test(before) && own.length > 5 && own.length < 12) return 'phone';
  if (/\/(?:19|20)\d\d\//.test(number)) return null;
  if (/^3\d{9}$/.test(own) && !(thousands && /^\d+(?:\.\d+)+$/.test(number))) return 'phone';
  if (/^0\d{8,10}$/.test(own) && groups[0] < 5 && groups.length > 1) return 'phone';
  return null;
}

// The name of what in a text looks like personal data, if anything does.
function suspicion(written) {
  // Full-width digits and letters are digits and letters; what cannot be seen is nothing.
  const text = written.normalize('NFKC').replace(/[\u200b-\u200d\u2060\ufeff]/g, '');
  const shape = SHAPES.find(([, pattern]) => pattern.test(text));
  if (shape) return shape[0];
  for (let found; (found = NUMBER.exec(text));) {
    const before = text.slice(0, found.index);
    // Together, and then each by itself: two telephones may have a dash between them.
    const kind = found[1] ? null : [found[0]].concat(found[0].match(/\d+/g)).map(one => kindOf(one, before)).find(Boolean);
    if (kind) {
      NUMBER.lastIndex = 0;
      return kind;
    }
  }
  return null;
}

// Long enough not to interrupt somebody who types, short enough to be about what was just typed.
const PAUSE_MS = 700;

// Characters as the server counts them: an emoji is one.
function charsOf(text) {
  return Array.from(text.trim()).length;
}

function watchSuggestion(form, words) {
  const area = form.querySelector('textarea');
  if (!area) return;
  const length = Number(area.closest('.ask').dataset.length);
  const count = make('p', { className: 'hint count' });
  count.setAttribute('aria-hidden', 'true');
  const warning = make('p', { className: 'warning' });
  const spoken = make('p', { className: 'unseen' });
  [warning, spoken].forEach(element => element.setAttribute('role', 'status'));
  area.after(count, warning, spoken);

  const counted = () => {
    const left = length - charsOf(area.value);
    count.classList.toggle('over', left < 0);
    return left < 0 ? fill(words.chars_over, { n: -left }) : fill(words.chars_left, { n: left });
  };
  let pause;
  const look = () => {
    const name = suspicion(area.value);
    const text = name ? fill(words.suspicious, { what: words[name] }) : '';
    if (warning.textContent !== text) warning.textContent = text;
    if (document.activeElement === area) spoken.textContent = counted();
  };
  area.addEventListener('input', () => {
    count.textContent = counted();
    clearTimeout(pause);
    pause = setTimeout(look, PAUSE_MS);
  });
  count.textContent = counted();
  look();
}
