// The rating of the Designers Italia model on any page, from one tag where it should stand:
//
//   <script src="https://collector.example/widget.js" data-service="anagrafe" referrerpolicy="no-referrer" defer></script>
//
// It is part of the page itself, so that the page's styles and the official validator reach it. It keeps nothing in the
// browser, tells the collector nothing before the citizen has chosen a star, and never says on which page it stands.
(function () {
  'use strict';

  // The collector puts here the questionnaire as its services ask it, and what is on screen besides, by language.
  const ASKED = '{{questionnaire}}';
  const WORDS = '{{words}}';

  // How long to wait before each further try of a request that was lost, in ms; then the citizen is told. Half as much again
  // is added by chance, so that pages that failed together do not come back together.
  const PAUSES = [1000, 3000, 6000];
  // The longest wait that a busy collector may ask for, in ms. Longer, and the citizen is told instead.
  const PAUSE_MAX = 10000;
  // How many characters are left when a screen reader first says so.
  const FEW_LEFT = 20;

  // {{proof}}
  function element(tag, attributes, ...children) {
    const svg = tag === 'svg' || tag === 'path';
    const made = svg ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
    Object.entries(attributes || {}).forEach(([name, value]) => made.setAttribute(name, value));
    made.append(...children);
    return made;
  }

  function star() {
    const shape = 'M12 1.7 9.5 9.2H1.6L8 13.9l-2.4 7.6 6.4-4.7 6.4 4.7-2.4-7.6 6.4-4.7h-7.9z';
    const attributes = { class: 'icon icon-sm', viewBox: '0 0 24 24', 'aria-hidden': 'true' };
    return element('svg', attributes, element('path', { d: shape }));
  }

  // One rating that stands on the page: what is on screen, and what has been answered.
  class Rating {
    constructor(base, service, lang, kind, id) {
      const of = (name) => ASKED.questions.find((question) => question.id === name);
      Object.assign(this, { base, service, lang, kind, id, words: WORDS[lang] });
      Object.assign(this, { stars: 0, step: 0, asking: null, busy: false });
      const [overall, positive, negative, suggestion] = ['overall', 'positive', 'negative', 'suggestion'].map(of);
      this.questions = { overall, positive, negative, suggestion };
      this.status = element('p', { class: 'visually-hidden', role: 'status' });
      this.error = element('p', { class: 'gradimento-error', role: 'alert' });
      this.first = this.buildStars();
      this.positive = this.buildReasons('positive');
      this.negative = this.buildReasons('negative');
      this.details = this.buildDetails();
      this.buttons = this.buildButtons();
      this.thanks = element('div', { hidden: '' });
      this.card = element('div', { class: 'card shadow card-wrapper gradimento-card', 'data-element': 'feedback' },
        this.first, this.positive, this.negative, this.details, this.error, this.buttons, this.thanks, this.status);
      this.root = element('div', { class: 'gradimento gradimento-untouched', lang }, this.card);
    }

    buildStars() {
      const title = this.kind === 'transaction' ? this.words.transaction : this.questions.overall.text[this.lang];
      const attributes = { class: 'gradimento-title', id: this.id + 'title', 'data-element': 'feedback-title' };
      const heading = element('h2', attributes, title);
      const choice = element('fieldset', { class: 'rating' }, element('legend', { class: 'visually-hidden' }, title));
      for (let n = 5; n >= 1; n -= 1) {
        const id = this.id + 'star' + n;
        const text = this.words.stars[n === 1 ? 0 : 1].replace('#', n);
        choice.append(
          element('input', { type: 'radio', id, name: this.id + 'stars', value: n }),
          element('label', { class: 'full rating-star', for: id, 'data-element': 'feedback-rate-' + n },
            star(), element('span', { class: 'visually-hidden' }, text)));
      }
      choice.addEventListener('change', (event) => this.choose(Number(event.target.value)));
      choice.addEventListener('keydown', (event) => this.moveByArrow(event, choice));
      return element('div', { class: 'gradimento-first' }, heading, choice);
    }

    // The model lists the stars from five to one and shows them from one to five; arrows follow what is seen.
    moveByArrow(event, choice) {
      const move = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (!move) return;
      event.preventDefault();
      const next = Math.min(5, Math.max(1, Number(event.target.value) + move));
      const input = choice.querySelector('[value="' + next + '"]');
      input.focus();
      if (!input.checked) input.click();
    }

    buildReasons(name) {
      const question = this.questions[name];
      const block = element('fieldset', { class: 'gradimento-step', 'data-element': 'feedback-rating-' + name, hidden: '' },
        this.legend(1, question.text[this.lang], { 'data-element': 'feedback-rating-question' }));
      question.options.forEach((option, position) => {
        const id = this.id + name + position;
        block.append(element('div', { class: 'form-check' },
          element('input', { type: 'radio', class: 'form-check-input', id, name: this.id + name, value: option.id }),
          element('label', { class: 'form-check-label', for: id, 'data-element': 'feedback-rating-answer' },
            option.text[this.lang])));
      });
      return block;
    }

    buildDetails() {
      const { text, hint, max_length: longest } = this.questions.suggestion;
      const [id, hints] = [this.id + 'text', this.id + 'hint'];
      const counter = element('span', { class: 'gradimento-counter', 'aria-hidden': 'true' });
      this.text = element('textarea', { id, class: 'form-control', rows: 3, maxlength: longest, 'aria-describedby': hints,
        autocomplete: 'off', 'data-element': 'feedback-input-text' });
      const count = () => {
        const left = this.words.left.replace('#', longest - this.text.value.length);
        counter.textContent = left;
        if (longest - this.text.value.length <= FEW_LEFT) this.say(left);
      };
      this.text.addEventListener('input', count);
      count();
      return element('fieldset', { class: 'gradimento-step', hidden: '' }, this.legend(2, text[this.lang], {}),
        element('label', { for: id, class: 'gradimento-label' }, this.words.detail), this.text,
        element('div', { class: 'gradimento-hints' },
          element('small', { id: hints, class: 'form-text' }, hint[this.lang]), counter),
        element('small', { class: 'form-text gradimento-anonymous' }, this.words.anonymous));
    }

    legend(step, text, attributes) {
      const progress = element('span', { class: 'gradimento-progress' },
        element('span', { 'aria-hidden': 'true' }, step + '/2'),
        element('span', { class: 'visually-hidden' }, this.words.step.replace('#', step)));
      return element('legend', { tabindex: -1 }, element('span', attributes, text), progress);
    }

    buildButtons() {
      const back = element('button', { type: 'button', class: 'btn btn-outline-primary' }, this.words.back);
      this.forward = element('button', { type: 'button', class: 'btn btn-primary' }, this.words.next);
      back.addEventListener('click', () => this.goBack());
      this.forward.addEventListener('click', () => this.goOn());
      return element('div', { class: 'gradimento-buttons', hidden: '' }, back, this.forward);
    }

    say(text) {
      this.status.textContent = text;
    }

    // The block that asks why, for the stars given.
    reasons() {
      return this.stars > 3 ? this.positive : this.negative;
    }

    show(step) {
      this.step = step;
      this.error.textContent = '';
      this.positive.hidden = step !== 1 || this.stars <= 3;
      this.negative.hidden = step !== 1 || this.stars > 3;
      this.details.hidden = step !== 2;
      this.buttons.hidden = step === 0;
    }

    // Focus stays on the stars: whoever uses a keyboard may still be moving along them.
    choose(stars) {
      if (this.busy) return;
      this.stars = stars;
      this.root.classList.remove('gradimento-untouched');
      this.show(1);
      this.say(this.reasons().querySelector('legend > span').textContent);
      this.ask().catch(() => {});
    }

    goOn() {
      if (this.step === 2) {
        this.send();
        return;
      }
      this.show(2);
      this.details.querySelector('legend').focus();
    }

    goBack() {
      if (this.busy) return;
      this.show(this.step - 1);
      if (this.step === 1) {
        this.reasons().querySelector('legend').focus();
        return;
      }
      const chosen = this.first.querySelector('input:checked');
      chosen.checked = false;
      chosen.focus();
    }

    // The token makes every repetition of this answer count once; it is asked for as soon as there is something to send.
    ask() {
      if (!this.asking) {
        this.asking = patiently(() => this.request('questionnaire'));
        this.asking.then((asked) => {
          // While a flood is suspected the proof is looked for ahead, during the other questions.
          if (asked.difficulty) asked.proof = prove(asked.form_token, asked.difficulty);
          this.compare(asked);
        }, () => { this.asking = null; });
      }
      return this.asking;
    }

    // Where the service asks something else, answers to this would be to other questions: its own page asks the right ones.
    compare(asked) {
      if (asked.questionnaire === ASKED.questionnaire && asked.version === ASKED.version) return true;
      console.warn('Gradimento: the service ' + this.service + ' asks ' + asked.questionnaire + ' ' + asked.version);
      this.card.replaceWith(pageLink(this.base, this.service, this.lang));
      return false;
    }

    answer(token) {
      const answers = { overall: this.stars };
      const reason = this.reasons().querySelector('input:checked');
      if (reason) answers[this.stars > 3 ? 'positive' : 'negative'] = reason.value;
      const { questionnaire, version } = ASKED;
      return { questionnaire, version, answers, suggestion: this.text.value, language: this.lang, form_token: token };
    }

    async send() {
      if (this.busy) return;
      this.setBusy(true);
      try {
        const receipt = await this.deliver();
        if (receipt) this.thank(receipt.withdrawal_code);
      } catch (trouble) {
        console.warn('Gradimento: ' + (trouble.type || 'no reply; is the origin of this page among those of the service?'));
        this.error.textContent = this.words.failed;
      }
      this.setBusy(false);
    }

    setBusy(busy) {
      this.busy = busy;
      this.card.setAttribute('aria-busy', busy);
      this.first.querySelector('fieldset').disabled = busy;
      this.forward.setAttribute('aria-disabled', busy);
      if (busy) this.error.textContent = '';
      this.say(busy ? this.words.sending : '');
    }

    async deliver() {
      for (let renewed = false; ; renewed = true) {
        const asked = await this.ask();
        if (!this.compare(asked)) return null;
        try {
          const body = this.answer(asked.form_token);
          return await patiently((number) => this.request('responses', body, number), asked.form_token, await asked.proof);
        } catch (trouble) {
          // Open for too long: a fresh token, the same answers.
          if (renewed || trouble.type !== '/problems/form-token-expired') throw trouble;
          this.asking = null;
        }
      }
    }

    thank(code) {
      const heading = element('h2', { class: 'gradimento-title', tabindex: -1 }, this.words.thanks);
      this.show(0);
      this.first.hidden = true;
      this.thanks.hidden = false;
      const page = element('a', { href: this.base + 'withdraw', referrerpolicy: 'no-referrer' }, this.words.withdraw);
      const withdrawal = [this.words.code + ' ', element('strong', {}, code), ' ', page];
      this.thanks.append(heading, element('p', { class: 'gradimento-withdrawal' }, ...withdrawal));
      heading.focus();
      // As the model's static template does: that it happened, and nothing of what was answered.
      this.root.dispatchEvent(new CustomEvent('feedback-submit', { bubbles: true }));
    }

    async request(what, body, number) {
      const url = this.base + 'rest/cx/v1/services/' + encodeURIComponent(this.service) + '/' + what;
      const headers = Object.assign({ 'Content-Type': 'application/json' }, number >= 0 && { 'Proof-Of-Work': number });
      const post = body && { method: 'POST', headers, body: JSON.stringify(body) };
      const options = { mode: 'cors', credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' };
      const reply = await fetch(url, Object.assign(options, post));
      const read = await reply.json();
      if (reply.ok) return read;
      const wait = Number(reply.headers.get('Retry-After')) * 1000;
      throw { type: read.type, final: reply.status < 500, wait, difficulty: read.difficulty };
    }
  }

  // Tries again what was lost on the way, and what the collector asks to be tried again: after a wait, or with a proof of work
  // about this challenge.
  async function patiently(attempt, challenge, proof) {
    let number = proof;
    for (let tried = 0; ; tried += 1) {
      try {
        return await attempt(number);
      } catch (trouble) {
        const over = tried === PAUSES.length || trouble.wait > PAUSE_MAX || (trouble.final && !trouble.wait);
        if (challenge && trouble.difficulty && tried < PAUSES.length) {
          number = await prove(challenge, trouble.difficulty);
          continue;
        }
        if (over) throw trouble;
        const pause = (trouble.wait || PAUSES[tried]) * (1 + Math.random() / 2);
        await new Promise((resume) => { setTimeout(resume, pause); });
      }
    }
  }

  function pageLink(base, service, lang) {
    const href = base + 's/' + encodeURIComponent(service);
    return element('a', { class: 'gradimento-link', href, hreflang: lang, referrerpolicy: 'no-referrer' }, WORDS[lang].page);
  }

  function inDialog(rating) {
    const { words } = rating;
    const close = element('button', { type: 'button', class: 'gradimento-close', 'aria-label': words.close }, '×');
    const attributes = { class: 'gradimento-dialog', 'aria-labelledby': rating.id + 'title' };
    const dialog = element('dialog', attributes, rating.card, close);
    const open = element('button', { type: 'button', class: 'btn btn-primary', 'aria-haspopup': 'dialog' }, words.open);
    // The browser itself keeps focus inside, closes on Esc and gives focus back to the button.
    open.addEventListener('click', () => dialog.showModal());
    close.addEventListener('click', () => dialog.close());
    rating.root.classList.add('gradimento-slim');
    rating.root.append(open, dialog);
  }

  // Bootstrap Italia floats the stars; who does that styles the rest too.
  function isStyledByHost() {
    const label = element('label');
    const probe = element('fieldset', { class: 'rating', hidden: '' }, label);
    document.body.append(probe);
    const floats = getComputedStyle(label).float === 'right';
    probe.remove();
    return floats;
  }

  // Resolves once the style has come, or cannot come.
  function withStyle(base) {
    const href = base + 'widget.css';
    let link = document.querySelector('link[href="' + href + '"]');
    if (link && link.sheet) return Promise.resolve();
    if (!link) {
      link = element('link', { rel: 'stylesheet', href, referrerpolicy: 'no-referrer' });
      document.head.append(link);
    }
    return new Promise((come) => { ['load', 'error'].forEach((end) => link.addEventListener(end, come)); });
  }

  function languageOf(wanted) {
    const tags = [wanted, document.documentElement.lang, 'it'].map((tag) => (tag || '').slice(0, 2).toLowerCase());
    return tags.find((tag) => WORDS[tag]);
  }

  function build(settings, base, lang) {
    const { service, kind, mode } = settings;
    if (mode === 'link' || (mode === 'button' && !window.HTMLDialogElement)) {
      return element('div', { class: 'gradimento gradimento-slim', lang }, pageLink(base, service, lang));
    }
    window.Gradimento.placed = (window.Gradimento.placed || 0) + 1;
    const rating = new Rating(base, service, lang, kind, 'gradimento-' + window.Gradimento.placed + '-');
    if (mode === 'button') inDialog(rating);
    return rating.root;
  }

  // Puts a component into the page: `settings` are `service`, `kind`, `lang`, `mode`, `target` (a selector or an element)
  // and `base` (the collector's address). Pages that are built by script call this; tags call it themselves.
  function place(settings, tag) {
    const base = settings.base || own;
    const root = build(settings, base, languageOf(settings.lang));
    root.classList.toggle('gradimento-own', !isStyledByHost());
    root.hidden = true;
    const target = typeof settings.target === 'string' ? document.querySelector(settings.target) : settings.target;
    if (target) target.append(root);
    else if (tag && document.body.contains(tag)) tag.after(root);
    else document.body.append(root);
    withStyle(base).then(() => { root.hidden = false; });
    return root;
  }

  const tag = document.currentScript || document.querySelector('script[src$="/widget.js"]');
  const own = new URL('.', tag.src).href;
  window.Gradimento = Object.assign({ place }, window.Gradimento);
  if (tag.dataset.service) place(tag.dataset, tag);
}());
