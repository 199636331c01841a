// Many answers from one source, sent from a thread of their own: `new Worker('./crowd.mjs', { workerData: { address, body, size } })`.
// Posts how many were taken and how many refused, when it has begun and when all are sent.

import http from 'node:http';
import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

// Enough to keep the collector busy without a pause. More would only take the processors, which they share here, from the browser.
const SENDERS = 8;
const { address, body, size } = workerData;
const agent = new http.Agent({ keepAlive: true, maxSockets: SENDERS });
const told = { taken: 0, refused: 0 };
let left = size;

function send() {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID(), 'Content-Length': Buffer.byteLength(body) };
    const request = http.request(address, { method: 'POST', agent, headers }, reply => {
      reply.resume().on('end', () => resolve(reply.statusCode));
    });
    request.on('error', reject).end(body);
  });
}

async function sender() {
  while (left-- > 0) {
    const status = await send();
    if (status === 201) told.taken += 1;
    else told.refused += 1;
  }
}

parentPort.postMessage('begun');
await Promise.all(Array.from({ length: SENDERS }, sender));
agent.destroy();
parentPort.postMessage(told);
