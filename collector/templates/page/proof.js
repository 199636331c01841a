// Proof of work: while a flood is suspected, an answer brings a number that makes a hash begin with zeros. It is looked for in
// short turns, so that the page stays awake, and nothing is said to anybody meanwhile. SHA-256 of our own, because the
// browser's answers one call at a time, and not at all without TLS.

// How long one turn takes, in ms: shorter than a frame.
const TURN_MS = 12;

const [SHA_START, SHA_ROUNDS] = (() => {
  // FIPS 180-4: the first 32 bits of the fractions of square and cube roots of the first primes.
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every(prime => n % prime)) primes.push(n);
  const fraction = root => ((root - Math.floor(root)) * 4294967296) | 0;
  return [primes.slice(0, 8).map(n => fraction(Math.sqrt(n))), primes.map(n => fraction(Math.cbrt(n)))];
})();

// Takes 64 bytes of `text` from `from` into the state.
function compress(state, words, text, from) {
  for (let i = 0; i < 16; i += 1) {
    const at = from + 4 * i;
    words[i] = (text[at] << 24) | (text[at + 1] << 16) | (text[at + 2] << 8) | text[at + 3];
  }
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  for (let i = 16; i < 64; i += 1) {
    const [x, y] = [words[i - 15], words[i - 2]];
    words[i] = words[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + words[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i += 1) {
    const one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + SHA_ROUNDS[i] + words[i];
    const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((value, i) => { state[i] += value; });
}

// Pads a text (ASCII) as FIPS 180-4 asks.
function padded(text) {
  const length = text.length;
  const bytes = new Uint8Array((Math.floor((length + 8) / 64) + 1) * 64);
  for (let i = 0; i < length; i += 1) bytes[i] = text.charCodeAt(i);
  bytes[length] = 0x80;
  new DataView(bytes.buffer).setUint32(bytes.length - 4, length * 8);
  return bytes;
}

// A number with which the hash of the challenge begins with so many zero bits, at most 32.
async function prove(challenge, bits) {
  const text = 'gradimento proof 1 ' + challenge + ' ';
  const [words, begun, state] = [new Int32Array(64), new Int32Array(SHA_START), new Int32Array(8)];
  // What stands before the number is hashed once.
  const fixed = Math.floor(text.length / 64) * 64;
  const start = padded(text);
  for (let from = 0; from < fixed; from += 64) compress(begun, words, start, from);
  let turnEnds = Date.now() + TURN_MS;
  for (let number = 0; ; number += 1) {
    const bytes = padded(text + number);
    state.set(begun);
    for (let from = fixed; from < bytes.length; from += 64) compress(state, words, bytes, from);
    if (Math.clz32(state[0]) >= bits) return number;
    if (number % 64 === 0 && Date.now() > turnEnds) {
      await new Promise(resume => { setTimeout(resume); });
      turnEnds = Date.now() + TURN_MS;
    }
  }
}
