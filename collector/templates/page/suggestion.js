// Help while a suggestion is written: how much room is left, and a polite word where something looks like personal data.
// Only shapes are looked at, and nothing leaves the page; what is stored is decided by the server alone.

const SHAPES = {
  // Digits may be letters: the revenue office replaces them where two people would have the same code.
  tax_code: /\b[a-z]{3}\s?[a-z]{3}\s?[\dl-np-v]{2}\s?[a-ehlmprst]\s?[\dl-np-v]{2}\s?[a-z]\s?[\dl-np-v]{3}\s?[a-z]\b/i,
  email: /[^\s@]+@[^\s@]+\.[a-z]{2,}/i,
  iban: /\b(?:it|sm)\s?\d{2}\s?[a-z](?:\s?\d){10}(?:\s?[a-z0-9]){12}\b/i,
  phone: /(?:^|[^\d])(?:(?:\+|00)39[\s.\-/]?)?(?:3\d{2}[\s.\-/]?\d{3}[\s.\-/]?\d{3,4}|0\d{1,3}[\s.\-/]\d{5,8})(?!\d)/,
};
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
  const found = () => Object.keys(SHAPES).find(name => SHAPES[name].test(area.value));
  let pause;
  const look = () => {
    const name = found();
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
