// Unlinkable tickets in the citizen's browser, on the page that ends a transaction:
//
//   <script src="https://collector.example/ticket.js" referrerpolicy="no-referrer" defer></script>
//
//   const wish = await Gradimento.blind('anagrafe');       // then the page's own back end has `wish.blinded` signed
//   const ticket = await wish.finish(signature);           // for `/s/anagrafe?ticket=...`, or the member `ticket`
//
// RFC 9474, RSABSSA-SHA384-PSS-Randomized. What is blinded tells nothing about the ticket; nothing is kept in the browser.
(function () {
  'use strict';

  const own = new URL('.', document.currentScript.src).href;
  // Bytes of SHA-384, and of the salt.
  const HASH_BYTES = 48;
  const PREFIX_BYTES = 32;

  const random = (length) => crypto.getRandomValues(new Uint8Array(length));

  function joined(...parts) {
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => { all.set(part, at); return at + part.length; }, 0);
    return all;
  }

  const digest = async (...parts) => new Uint8Array(await crypto.subtle.digest('SHA-384', joined(...parts)));

  function toNumber(bytes) {
    return BigInt('0x' + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''));
  }

  function toBytes(number, length) {
    const digits = number.toString(16).padStart(2 * length, '0');
    return Uint8Array.from({ length }, (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16));
  }

  function toText(bytes) {
    return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }

  function fromText(text) {
    return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0));
  }

  function power(base, exponent, modulus) {
    let [result, square] = [1n, base % modulus];
    for (let left = exponent; left > 0n; left >>= 1n) {
      if (left & 1n) result = (result * square) % modulus;
      square = (square * square) % modulus;
    }
    return result;
  }

  // The inverse, or nothing where there is none.
  function inverse(number, modulus) {
    let [a, b, x, y] = [number, modulus, 1n, 0n];
    while (b > 0n) {
      const quotient = a / b;
      [a, b, x, y] = [b, a - quotient * b, y, x - quotient * y];
    }
    return a === 1n ? ((x % modulus) + modulus) % modulus : null;
  }

  // MGF1 (RFC 8017 appendix B.2.1).
  async function mask(seed, length) {
    let made = new Uint8Array(0);
    for (let counter = 0; made.length < length; counter += 1) {
      made = joined(made, await digest(seed, toBytes(BigInt(counter), 4)));
    }
    return made.slice(0, length);
  }

  // EMSA-PSS-ENCODE (RFC 8017 section 9.1.1).
  async function encode(message, bits) {
    const length = Math.ceil(bits / 8);
    const salt = random(HASH_BYTES);
    const hash = await digest(new Uint8Array(8), await digest(message), salt);
    const block = joined(new Uint8Array(length - 2 * HASH_BYTES - 2), [1], salt);
    const masked = (await mask(hash, block.length)).map((byte, at) => byte ^ block[at]);
    masked[0] &= 0xff >> (8 * length - bits);
    return joined(masked, hash, [0xbc]);
  }

  // A number below the modulus that has an inverse, with it. Drawn evenly: what is too large is drawn anew.
  function factor(modulus, length) {
    for (;;) {
      const drawn = toNumber(random(length));
      const undone = drawn > 0n && drawn < modulus && inverse(drawn, modulus);
      if (undone) return [drawn, undone];
    }
  }

  // What the back end has signed, and how its signature becomes a ticket.
  async function blind(service) {
    const url = own + 'rest/cx/v1/services/' + encodeURIComponent(service) + '/unlinkable-key';
    const reply = await fetch(url, { mode: 'cors', credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' });
    if (!reply.ok) throw new Error('Gradimento: no key, ' + reply.status);
    const { month, n: modulusText, e: exponentText } = await reply.json();
    const [modulus, exponent] = [toNumber(fromText(modulusText)), toNumber(fromText(exponentText))];
    const bits = modulus.toString(2).length;
    if (bits < 2048 || exponent !== 65537n) throw new Error('Gradimento: a key that is none');
    const length = Math.ceil(bits / 8);
    const prefix = random(PREFIX_BYTES);
    const context = 'gradimento unlinkable ticket 1 ' + service + ' ' + month;
    const message = toNumber(await encode(joined(prefix, new TextEncoder().encode(context)), bits - 1));
    const [blinding, undone] = factor(modulus, length);
    const blinded = toText(toBytes((message * power(blinding, exponent, modulus)) % modulus, length));

    async function finish(signature) {
      const signed = (toNumber(fromText(signature)) * undone) % modulus;
      if (power(signed, exponent, modulus) !== message) throw new Error('Gradimento: not signed with the key of the month');
      return ['u', month, toText(prefix), toText(toBytes(signed, length))].join('.');
    }
    return { month, blinded, finish };
  }

  window.Gradimento = Object.assign({ blind }, window.Gradimento);
}());
