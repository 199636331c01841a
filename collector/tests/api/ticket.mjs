// A page at the end of a transaction, in node: the agency's own `ticket.js` from the collector, a back end that has tickets
// signed. Prints what went over the wire and the ticket, one line of JSON each. Arguments: collector, admin listener, secret,
// service, how many.

const [collector, admin, secret, service, count] = process.argv.slice(2);

globalThis.window = globalThis;
globalThis.document = { currentScript: { src: collector + '/ticket.js' } };
(0, eval)(await (await fetch(collector + '/ticket.js')).text());

const wishes = await Promise.all(Array.from({ length: Number(count) }, () => globalThis.Gradimento.blind(service)));
const reply = await fetch(admin + '/rest/cx/v1/services/' + service + '/unlinkable-tickets', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json', Authorization: 'Bearer ' + secret },
  body: JSON.stringify({ month: wishes[0].month, blinded: wishes.map(({ blinded }) => blinded) }),
});
if (reply.status !== 201) throw new Error(await reply.text());
const { items } = await reply.json();
for (const [at, wish] of wishes.entries()) {
  const ticket = await wish.finish(items[at]);
  const refused = await wish.finish(items[(at + 1) % items.length]).catch(error => error.message);
  console.log(JSON.stringify({ blinded: wish.blinded, signature: items[at], ticket, refused }));
}
