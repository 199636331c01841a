// Sending. The same form with the same token is sent however often it takes, and counts once. Where the network is gone,
// everything stays on screen, with a button to try again.

// A phone on a bad line needs seconds to send 2 kB; after this long the reply is lost, and asking again is safe.
const REPLY_TIMEOUT_MS = 20000;
// Too many answers arrive: these are no faults, and pass.
const BUSY = [429, 503];
// How often a form is sent again by itself where the collector asks for a proof of work or a little patience, and the longest
// patience that it may ask for, in s.
const TRIES = 4;
const PATIENCE_MAX = 10;

function sendWith(form, words, steps) {
  const button = document.getElementById('send');
  const status = make('p', { className: 'status' });
  status.setAttribute('role', 'status');
  form.append(status);
  // While a flood is suspected the proof is looked for ahead, during the questions.
  let ready = proveFor(form, form.dataset.difficulty);
  let busy = false;
  let switches = false;

  document.querySelectorAll('button[name="go-language"]').forEach(tongue => tongue.addEventListener('click', () => {
    switches = true;
    form.elements['at-step'].value = steps.at;
  }));
  form.addEventListener('submit', event => {
    if (switches) return;
    event.preventDefault();
    if (steps.at !== REVIEW) return steps.goOn();
    if (!busy) send();
  });

  function send() {
    busy = true;
    // Where a form comes back that nothing is wrong with, it is to be looked over and sent again.
    form.elements['at-step'].value = REVIEW;
    button.setAttribute('aria-disabled', 'true');
    status.textContent = words.sending;
    const failed = document.getElementById('failed');
    if (failed) failed.remove();
    ready = ready.then(() => persist(form, TRIES));
    ready.then(show, fail);
  }

  // What went wrong: the collector's own refusal, or that nothing came back.
  function told(trouble) {
    if (!(trouble instanceof Response)) return [words.offline_title, words.offline];
    return BUSY.includes(trouble.status) ? [words.busy_title, words.busy] : [words.failed_title, words.offline];
  }

  function fail(trouble) {
    ready = Promise.resolve();
    busy = false;
    button.removeAttribute('aria-disabled');
    status.textContent = '';
    const retry = make('button', { type: 'button', id: 'retry', textContent: words.retry, onclick: send });
    const [title, text] = told(trouble);
    const box = make('div', { className: 'errors', id: 'failed', tabIndex: -1 }, [
      make('h2', { textContent: title }), make('p', { textContent: text }), retry,
    ]);
    box.setAttribute('role', 'alert');
    form.append(box);
    box.focus();
  }
}

function proveFor(form, difficulty) {
  if (!(difficulty > 0)) return Promise.resolve();
  return prove(form.elements.form_token.value, difficulty).then(number => { form.elements['proof-of-work'].value = number; });
}

// Sends until it is taken. A form that comes back because too many arrive says how hard a proof must be.
function persist(form, tries) {
  return post(form).catch(refused => {
    if (refused.status !== 429 || tries === 1) throw refused;
    return refused.text().then(text => {
      const page = new DOMParser().parseFromString(text, 'text/html').getElementById('answers');
      const difficulty = page && page.dataset.difficulty;
      if (difficulty > 0) return proveFor(form, difficulty);
      const patience = Math.min(Number(refused.headers.get('Retry-After')) || 1, PATIENCE_MAX);
      return new Promise(resume => { setTimeout(resume, patience * 1000); });
    }).then(() => persist(form, tries - 1));
  });
}

function post(form) {
  const abort = window.AbortController ? new AbortController() : { abort() {} };
  const timer = setTimeout(() => abort.abort(), REPLY_TIMEOUT_MS);
  const options = { method: 'POST', body: new URLSearchParams(new FormData(form)), signal: abort.signal };
  return fetch(form.action, options)
    .then(reply => {
      // Whatever stands for a page then, it is not worth the answers that are on screen.
      if (reply.status === 429 || reply.status >= 500) throw reply;
      return reply.text();
    })
    .finally(() => clearTimeout(timer));
}

// Puts the page that came back in the place of the form. Its entries in the history go: the browser's back button then leads
// to where the citizen came from, not through a form that has been sent.
function show(text) {
  const page = new DOMParser().parseFromString(text, 'text/html');
  const depth = (history.state && history.state.depth) || 0;
  document.documentElement.lang = page.documentElement.lang;
  document.documentElement.classList.remove('stepwise');
  document.title = page.title;
  document.body = page.body;
  const heading = document.querySelector('h1');
  const again = document.getElementById('answers');
  if (!again) heading.focus();
  const arrive = () => {
    window.scrollTo(0, 0);
    if (again) start();
  };
  if (depth === 0) return arrive();
  // A new form waits for the history to arrive where it was sent, lest it arrive in the middle of it.
  window.onpopstate = null;
  window.addEventListener('popstate', arrive, { once: true });
  history.go(-depth);
}
