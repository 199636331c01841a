// A screen at a counter: whoever comes next must find a fresh form, and nothing of whoever left. Nothing that a citizen enters
// outlives the page, and the page does not outlive the citizen.
(function () {
'use strict';

// Enough to read one sentence; whoever wants to read more touches the screen.
const THANKS_SECONDS = 10;
// A minute without a touch, and nobody is there. Its last 20 seconds ask: WCAG 2.2.1 wants no less to answer in.
const IDLE_SECONDS = 40;
const WARNING_SECONDS = 20;
// Where the collector cannot be reached: not so often that a building full of screens keeps it down.
const RETRY_MS = 5000;
// A form that nobody touches overnight is fetched again long before it expires, which is after a day.
const UNTOUCHED_MS = 6 * 60 * 60 * 1000;

const start = location.pathname + '?kiosk=1';
// Whoever chose a language or sent something has been here, though this document has not seen a touch.
let touched = location.search !== '?kiosk=1' || Boolean(document.querySelector('.done, .errors'));
let timer;
let stop = () => {};

function element(tag, properties, children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...(children || []));
  return made;
}

function say(text, seconds) {
  return text.replace('{n}', seconds);
}

// Counts down in `line`, and then resets. A reader of the screen hears the first number, not all of them.
function countDown(seconds, line, text) {
  const end = Date.now() + seconds * 1000;
  const shown = element('span');
  shown.setAttribute('aria-hidden', 'true');
  const spoken = element('span', { className: 'unseen', textContent: say(text, seconds) });
  spoken.setAttribute('role', 'status');
  line.append(shown, spoken);
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    shown.textContent = say(text, Math.max(0, left));
    if (left <= 0) reset();
  };
  tick();
  timer = setInterval(tick, 250);
}

function begin() {
  rest();
  const place = document.getElementById('again');
  if (place) thank(place); else watch();
}

function rest() {
  clearInterval(timer);
  clearTimeout(timer);
  stop();
  stop = () => {};
}

function thank(place) {
  const words = document.body.dataset;
  const line = element('p');
  const stay = element('button', { type: 'button', className: 'second', id: 'stay', textContent: words.stay });
  const again = element('button', { type: 'button', id: 'restart', textContent: words.restart, onclick: reset });
  place.replaceChildren(line, element('div', { className: 'send' }, [stay, again]));
  countDown(THANKS_SECONDS, line, words.again);
  // Any touch says that somebody reads on; the button is for those who look for a way to say so.
  stop = () => {
    line.remove();
    stay.remove();
  };
  stay.onclick = () => {
    stir();
    again.focus();
  };
}

function watch() {
  clearTimeout(timer);
  timer = touched ? setTimeout(warn, IDLE_SECONDS * 1000) : setTimeout(reset, UNTOUCHED_MS);
}

// Somebody is there.
function stir(event) {
  touched = true;
  const answers = event && event.target.closest && event.target.closest('#again, #still-there');
  if (answers || document.getElementById('still-there')) return;
  rest();
  watch();
}

function warn() {
  const words = document.body.dataset;
  const line = element('p');
  const title = element('h2', { id: 'still-there-title', textContent: words.there });
  const box = element('dialog', { id: 'still-there' }, [
    title, line, element('button', { type: 'button', autofocus: true, textContent: words.goOn }),
  ]);
  box.setAttribute('aria-labelledby', title.id);
  const answered = () => {
    if (!box.isConnected) return;
    clearInterval(timer);
    if (box.close && box.open) box.close();
    box.remove();
    watch();
  };
  box.onclick = answered;
  box.onclose = answered;
  document.body.append(box);
  if (box.showModal) box.showModal(); else box.setAttribute('open', '');
  countDown(WARNING_SECONDS, line, words.wiped);
}

// What was entered goes at once, also where the collector cannot be reached; the fresh form comes as soon as it can.
function reset() {
  rest();
  timer = undefined;
  const box = document.getElementById('still-there');
  if (box) box.remove();
  document.querySelector('main').textContent = '';
  fetchAgain();
}

function fetchAgain() {
  fetch(start, { cache: 'no-store' })
    .then(reply => {
      if (!reply.ok) throw new Error(String(reply.status));
      location.replace(start);
    })
    .catch(() => setTimeout(fetchAgain, RETRY_MS));
}

// Not the moment when a finger comes down: what then moves on the page would move away from under it.
['click', 'touchmove', 'keydown', 'input', 'wheel'].forEach(name => {
  document.addEventListener(name, stir, { capture: true, passive: true });
});
// A page that the browser kept as it was left.
window.addEventListener('pageshow', event => event.persisted && reset());
// Sending puts the page that came back in the place of the form.
new MutationObserver(() => {
  touched = true;
  begin();
}).observe(document.documentElement, { childList: true });
begin();
}());
