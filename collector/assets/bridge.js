// For pages that already have the rating of Designers Italia's static template: sends what it collects, unchanged, from
//
//   <script src="https://collector.example/bridge.js" data-service="anagrafe" referrerpolicy="no-referrer" defer></script>
//
// The template fires `feedback-submit` at its end. What was answered is read from its own markup then; the page's address,
// title and everything else stay where they are. Nothing is kept in the browser.
(function () {
  'use strict';

  const tag = document.currentScript || document.querySelector('script[src$="/bridge.js"]');
  const address = new URL('rest/cx/v1/services/' + encodeURIComponent(tag.dataset.service) + '/', tag.src).href;
  // How long to wait before each further try of a request that was lost, in ms, and the longest wait that a busy collector may
  // ask for. Half as much again is added by chance, so that pages that failed together do not come back together.
  const PAUSES = [1000, 3000, 6000];
  const PAUSE_MAX = 10000;
  const FAILED = 'Non siamo riusciti a inviare la tua risposta.';
  const AGAIN = 'Riprova';
  let asking = null;

  async function request(what, body) {
    const options = { mode: 'cors', credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' };
    const post = body && { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    for (let tried = 0; ; tried += 1) {
      let reply = null;
      try {
        reply = await fetch(address + what, Object.assign({}, options, post));
        if (reply.ok) return await reply.json();
      } catch (lost) {
        reply = null;
      }
      const wait = reply && Number(reply.headers.get('Retry-After')) * 1000;
      const final = reply && reply.status < 500 && !wait;
      if (final || tried === PAUSES.length) throw new Error(reply ? 'refused: ' + reply.status : 'no reply');
      const pause = Math.min(wait || PAUSES[tried], PAUSE_MAX) * (1 + Math.random() / 2);
      await new Promise((resume) => { setTimeout(resume, pause); });
    }
  }

  // The token makes repetitions count once. It is asked for when the first star is chosen.
  function ask() {
    if (!asking) {
      asking = request('questionnaire');
      asking.catch(() => { asking = null; });
    }
    return asking;
  }

  function chosen(name) {
    return document.querySelector('input[name="' + name + '"]:checked');
  }

  const plain = (text) => text.replace(/[’‘`]/g, "'").replace(/\s+/g, ' ').trim().toLowerCase();

  // The option whose text stands beside the button that was chosen; its own label's `for` is wrong in the template.
  function reason(asked, name, input) {
    const question = asked.questions.find((candidate) => candidate.id === name);
    const label = input && input.parentElement.querySelector('label');
    if (!question || !label) return null;
    const text = plain(label.textContent);
    const means = ({ id, text: texts }) => id === text || Object.values(texts).some((known) => plain(known) === text);
    const option = question.options.find(means);
    return option ? option.id : null;
  }

  function read() {
    const star = chosen('ratingA');
    const stars = star ? Number(star.value) : 0;
    const text = document.querySelector('[data-element="feedback-input-text"]');
    return { stars, input: chosen(stars > 3 ? 'rating1' : 'rating2'), suggestion: text ? text.value : '' };
  }

  async function send({ stars, input, suggestion }) {
    const asked = await ask();
    const name = stars > 3 ? 'positive' : 'negative';
    const option = reason(asked, name, input);
    const answers = Object.assign({ overall: stars }, option && { [name]: option });
    const { questionnaire, version, form_token } = asked;
    return request('responses', { questionnaire, version, answers, suggestion, language: 'it', form_token });
  }

  // The template has thanked by now; whoever was thanked for nothing is told, and can send again.
  function offer(answer) {
    const thanks = document.querySelector('#rating-feedback');
    const place = thanks ? thanks.parentElement : tag.parentElement;
    const button = document.createElement('button');
    const note = document.createElement('p');
    button.type = 'button';
    button.className = 'btn btn-primary';
    button.textContent = AGAIN;
    note.setAttribute('role', 'alert');
    note.append(FAILED + ' ', button);
    button.addEventListener('click', () => { note.remove(); deliver(answer); });
    place.append(note);
  }

  function deliver(answer) {
    return send(answer).catch((error) => {
      console.warn('Gradimento: ' + error.message + '; is the origin of this page among those of the service?');
      offer(answer);
    });
  }

  document.addEventListener('change', (event) => {
    if (event.target.name === 'ratingA') ask().catch(() => {});
  });
  document.addEventListener('feedback-submit', (event) => {
    // Our own component fires the same event, from its own root, when it has sent.
    const answer = read();
    if (event.target === document && answer.stars) deliver(answer);
  });
}());
