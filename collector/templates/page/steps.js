// One question at a time, where JavaScript runs. Without it the page is one plain form and works; every answer lives in
// that form's own controls, whatever is shown. Nothing is kept in the browser: no cookie, no storage.

const REVIEW = 'review';

function start() {
  const form = document.getElementById('answers');
  const errors = document.getElementById('errors');
  if (errors) errors.focus();
  if (!form || !window.fetch || !window.URLSearchParams || !Element.prototype.closest) return;
  const words = JSON.parse(form.dataset.words);
  const steps = new Steps(form, words);
  watchSuggestion(form, words);
  sendWith(form, words, steps);
  steps.begin();
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function make(tag, properties, children) {
  const element = Object.assign(document.createElement(tag), properties);
  (children || []).forEach(child => element.append(child));
  return element;
}

// Changes which elements describe a question: its text area where it has one, its fieldset else.
function describe(ask, change) {
  const described = ask.querySelector('textarea') || ask;
  const ids = (described.getAttribute('aria-describedby') || '').split(' ').filter(Boolean);
  const changed = change(ids).join(' ');
  if (changed) described.setAttribute('aria-describedby', changed); else described.removeAttribute('aria-describedby');
}

class Steps {
  constructor(form, words) {
    Object.assign(this, { form, words, asks: Array.from(form.querySelectorAll('.ask')), title: document.title });
    this.intro = document.querySelector('.intro');
    this.sendRow = form.querySelector('.send');
    this.text = make('p', { id: 'progress-text' });
    this.bar = make('progress');
    this.bar.setAttribute('aria-labelledby', 'progress-text');
    this.progress = make('div', { className: 'progress' }, [this.text, this.bar]);
    this.back = make('button', { type: 'button', className: 'second', textContent: words.back, onclick: () => this.goBack() });
    this.next = make('button', { type: 'button', id: 'next', onclick: () => this.goOn() });
    this.list = make('dl', { className: 'answers' });
    this.review = make('div', { className: 'review', id: REVIEW, hidden: true }, [
      make('h2', { tabIndex: -1, textContent: words.review }),
      make('p', { className: 'hint', textContent: words.review_hint }),
      this.list,
    ]);
    form.prepend(this.progress);
    form.insertBefore(this.review, this.sendRow);
    this.sendRow.prepend(this.back, this.next);
    this.asks.forEach(ask => this.prepare(ask));
    // While somebody types: on leaving the field, what goes would move a button away from under the finger that leaves it.
    form.addEventListener('input', event => {
      const ask = event.target.closest('.ask');
      if (ask && !this.problem(ask.id.slice(2))) this.settle(ask);
    });
    // What a fault's link points to may be on a step that is not shown.
    form.closest('main').addEventListener('click', event => {
      const link = event.target.closest('.errors a');
      const target = link && document.getElementById(link.hash.slice(1));
      if (!target) return;
      event.preventDefault();
      this.show(target.closest('.ask').id.slice(2));
      target.focus();
    });
    window.onpopstate = event => {
      this.show((event.state && event.state.step) || this.due()[0]);
      this.focus();
    };
  }

  begin() {
    document.documentElement.classList.add('stepwise');
    // Every step begins at the top, and so do the thanks, whatever the browser remembers of an entry of the history.
    history.scrollRestoration = 'manual';
    const faulty = this.asks.find(ask => ask.querySelector('.fault'));
    const wanted = faulty ? faulty.id.slice(2) : this.form.elements['at-step'].value;
    const known = wanted === REVIEW || this.due().includes(wanted);
    this.show(known ? wanted : this.due()[0]);
    history.replaceState({ step: this.at, depth: 0 }, '');
    const errors = document.getElementById('errors');
    if (errors) errors.focus();
  }

  // Ids of the questions that are due after the answers so far.
  due() {
    return this.asks.filter(ask => this.isDue(ask)).map(ask => ask.id.slice(2));
  }

  isDue(ask) {
    const when = ask.dataset.when;
    if (!when) return true;
    const keys = ask.dataset.anyOf.split(' ');
    return this.isDue(document.getElementById('q-' + when)) && this.given(when).some(input => keys.includes(input.value));
  }

  given(id) {
    const controls = Array.from(document.getElementById('q-' + id).querySelectorAll('input, textarea'));
    return controls.filter(control => (control.type === 'textarea' ? control.value.trim() : control.checked));
  }

  show(step) {
    this.at = step;
    const due = this.due();
    const reviewing = step === REVIEW;
    this.asks.forEach(ask => { ask.hidden = ask.id !== 'q-' + step; });
    this.review.hidden = !reviewing;
    document.getElementById('send').hidden = !reviewing;
    this.next.hidden = reviewing;
    this.back.hidden = step === due[0];
    this.intro.hidden = step !== due[0];
    this.next.textContent = this.edits() ? this.words.to_review : this.words.next;
    const place = due.indexOf(step) + 1;
    const where = reviewing ? this.words.review : fill(this.words.step, { n: place, of: due.length });
    this.progress.hidden = reviewing;
    this.text.textContent = where;
    this.bar.max = due.length;
    this.bar.value = place;
    if (reviewing) this.fillReview(due);
    document.title = where + ' – ' + this.title;
  }

  // Shows a step as a new entry of the browser's history, so that its own back button goes one question back.
  go(step, edits) {
    this.leave();
    const depth = ((history.state && history.state.depth) || 0) + 1;
    history.pushState({ step, depth, edits }, '');
    this.show(step);
    this.focus();
  }

  focus() {
    const heading = (this.at === REVIEW ? this.review : document.getElementById('q-' + this.at)).querySelector('h2');
    window.scrollTo(0, 0);
    heading.focus();
  }

  edits() {
    return Boolean(history.state && history.state.edits && this.at !== REVIEW);
  }

  goOn() {
    const problem = this.problem(this.at);
    if (problem) return this.complain(problem);
    const due = this.due();
    const edited = this.edits();
    // An edit may have made a follow-up due that nobody has seen yet.
    const following = due[due.indexOf(this.at) + 1];
    const followsUp = following && document.getElementById('q-' + following).dataset.when === this.at;
    const unseen = followsUp && !this.given(following).length;
    if (edited && !unseen) return this.go(REVIEW);
    this.go(following || REVIEW, edited);
  }

  goBack() {
    this.leave();
    if (history.state && history.state.depth > 0) return history.back();
    const due = this.due();
    const place = this.at === REVIEW ? due.length : due.indexOf(this.at);
    this.show(due[Math.max(0, place - 1)]);
    history.replaceState({ step: this.at, depth: 0 }, '');
    this.focus();
  }

  // What keeps a question from being left, in words; nothing otherwise.
  problem(step) {
    const ask = document.getElementById('q-' + step);
    if ('required' in ask.dataset && !this.given(step).length) return this.words.missing;
    const length = Number(ask.dataset.length);
    if (length && charsOf(ask.querySelector('textarea').value) > length) return fill(this.words.too_long, { n: length });
    return '';
  }

  complain(problem) {
    const ask = document.getElementById('q-' + this.at);
    this.settle(ask);
    const control = ask.querySelector('input, textarea');
    const fault = make('p', { className: 'fault', id: 'f-' + this.at, textContent: problem });
    ask.insertBefore(fault, ask.querySelector('.tiles, .list, textarea'));
    describe(ask, ids => [fault.id, ...ids]);
    if (control.type === 'textarea') control.setAttribute('aria-invalid', 'true');
    const errors = document.getElementById('errors') || this.summary();
    errors.querySelector('ul').append(make('li', {}, [make('a', { href: '#' + control.id, textContent: problem })]));
    errors.focus();
  }

  summary() {
    const errors = make('div', { className: 'errors', id: 'errors', tabIndex: -1 }, [
      make('h2', { textContent: this.words.errors_title }), make('ul'),
    ]);
    errors.setAttribute('role', 'alert');
    this.intro.before(errors);
    return errors;
  }

  // Takes back what was said about one question; the summary stays while it has something to say about others.
  settle(ask) {
    const fault = ask && ask.querySelector('.fault');
    if (!fault) return;
    fault.remove();
    describe(ask, ids => ids.filter(id => id !== fault.id));
    ask.querySelectorAll('[aria-invalid]').forEach(control => control.removeAttribute('aria-invalid'));
    const links = Array.from(document.querySelectorAll('#errors a'));
    links.filter(link => ask.contains(document.getElementById(link.hash.slice(1)))).forEach(link => link.parentNode.remove());
    this.fold();
  }

  // A summary that names no question any more is read when its reader goes on.
  fold() {
    const errors = document.getElementById('errors');
    if (errors && !errors.querySelector('li')) errors.remove();
  }

  // On the way to another step: a failed try to send belongs to the review, a fault to its question.
  leave() {
    this.settle(document.getElementById('q-' + this.at));
    this.fold();
    const failed = document.getElementById('failed');
    if (failed) failed.remove();
  }

  prepare(ask) {
    if ('required' in ask.dataset || ask.querySelector('input[type=checkbox], textarea')) return;
    const inputs = Array.from(ask.querySelectorAll('input'));
    const clear = make('button', { type: 'button', className: 'link clear', textContent: this.words.clear });
    const update = () => { clear.hidden = !inputs.some(input => input.checked); };
    clear.onclick = () => {
      inputs.forEach(input => { input.checked = false; });
      update();
      inputs[0].focus();
    };
    ask.addEventListener('change', update);
    ask.append(clear);
    update();
  }

  // An answer as the review shows it.
  shown(control) {
    if (control.type === 'textarea') return control.value.trim();
    if (control.closest('.stars')) return fill(this.words.stars, { n: control.value });
    return control.closest('label').querySelector('.text').textContent;
  }

  fillReview(due) {
    this.list.textContent = '';
    due.forEach(id => {
      const heading = document.getElementById('q-' + id).querySelector('h2');
      const question = heading.firstChild.textContent.trim();
      const texts = this.given(id).map(control => this.shown(control));
      const edit = make('button', { type: 'button', className: 'link', onclick: () => this.go(id, true) }, [
        this.words.edit, make('span', { className: 'unseen', textContent: ' ' + question }),
      ]);
      const answers = texts.length ? texts.map(text => make('p', { textContent: text }))
        : [make('p', { className: 'hint', textContent: this.words.no_answer })];
      this.list.append(make('div', {}, [
        make('dt', { textContent: question }), make('dd', {}, answers), make('dd', { className: 'edit' }, [edit]),
      ]));
    });
  }
}
