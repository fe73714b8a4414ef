// An SMSC for the tests on npm's `smpp`, which is not our code: node smsc.js FOLDER_OF_NODE_MODULES [KEY CERT]
// It listens on SMSC_ADDRESS (127.0.0.1) and a free port.
// One JSON object a line: commands come on stdin ({"do": ...}), what happens goes out on stdout ({"event": ...}).
const path = require("path"), fs = require("fs"), readline = require("readline");
const [, , modules, key, cert] = process.argv;
const smpp = require(path.join(modules, "smpp"));

const behaviour = {
  bind_status: 0, bind_delay: 0, // answers to binds
  status: 0, // command_status of every submit_sm_resp
  delay: 0, // ms before submit_sm_resp
  mute: false, // submit_sm get no answer
  deaf: false, // enquire_link gets no answer
  per_second: 0, bucket: 0, throttle_status: 0x58, // more in a second (or beyond a bucket refilled at that rate) is refused
  resp_id: "decimal", receipt_id: "decimal", // how ids are written
  receipts: "none", // none, early (before the resp), after, held (until "release")
  receipt_delay: 0, receipt_form: "both", state: 2, stat: "DELIVRD", err: "000", // tlv, text, both
  receipt_esm_class: 4,
  receipts_of: "every", // part of a long message, or its "last"
  quiet: false, // no event for each submit_sm
};
const sessions = [];
let firstAt = null, lastAt = null, acknowledged = 0, acknowledgedAt = null; // times in ms since 1970
const destinations = new Map(); // number -> how many submit_sm to it were taken
let nextId = 0x1a2b3c, taken = 0, second = -1, inSecond = 0, tokens = 0, filledAt = 0, submits = 0, refused = 0;
let held = [];

const say = (event, more) => process.stdout.write(JSON.stringify({ event, ...more }) + "\n");
const now = () => performance.timeOrigin + performance.now();
const written = (id, how) => ({
  hex: () => id.toString(16).toUpperCase(), text: () => "m-" + id,
  padded: () => id.toString(16).toLowerCase().padStart(10, "0"), capital: () => id.toString(16).toUpperCase(),
  zeros: () => String(id).padStart(10, "0"), foreign: () => "x-" + id,
}[how] || (() => String(id)))();

function tooFast() {
  const now = Date.now();
  if (!behaviour.per_second) return false;
  if (behaviour.bucket) {
    tokens = Math.min(behaviour.bucket, tokens + ((now - filledAt) * behaviour.per_second) / 1000);
    filledAt = now;
    return tokens < 1 || (tokens--, false);
  }
  if (Math.floor(now / 1000) !== second) [second, inSecond] = [Math.floor(now / 1000), 0];
  return ++inSecond > behaviour.per_second;
}

function receipt(pdu, id) {
  const told = written(id, behaviour.receipt_id), form = behaviour.receipt_form;
  const text = `id:${told} sub:001 dlvrd:001 submit date:2611240153 done date:2611240154 stat:${behaviour.stat} err:${behaviour.err} text:id:1 stat:`;
  return {
    esm_class: behaviour.receipt_esm_class, source_addr: pdu.destination_addr, source_addr_ton: 1, source_addr_npi: 1,
    destination_addr: pdu.source_addr, data_coding: 0,
    short_message: Buffer.from(form === "tlv" ? "" : text, "latin1"),
    ...(form === "text" ? {} : { receipted_message_id: told, message_state: behaviour.state }),
  };
}

// A receipt comes by any bind that can receive.
const receiver = (session) => (sessions.includes(session) && session.kind !== "bind_transmitter" ? session : sessions.find((s) => s.kind !== "bind_transmitter"));
const deliver = (session, options) => { const to = receiver(session); if (to) to.deliver_sm(options); };

function submitted(session, pdu) {
  submits++;
  lastAt = now();
  firstAt ??= lastAt;
  if (behaviour.mute) return say("submit", { muted: true });
  if (tooFast()) { refused++; return session.send(pdu.response({ command_status: behaviour.throttle_status })); }
  destinations.set(pdu.destination_addr, (destinations.get(pdu.destination_addr) || 0) + 1);
  const id = nextId++;
  const message = pdu.short_message.message;
  if (!behaviour.quiet) {
    say("submit", {
      id, source: pdu.source_addr, source_ton: pdu.source_addr_ton, destination: pdu.destination_addr,
      destination_ton: pdu.dest_addr_ton, text: Buffer.isBuffer(message) ? null : message, data_coding: pdu.data_coding,
      esm_class: pdu.esm_class, service_type: pdu.service_type, udh: (pdu.short_message.udh || []).map((b) => b.toString("hex")),
      registered_delivery: pdu.registered_delivery, validity: pdu.validity_period, tariff: pdu["5123"] ? pdu["5123"].toString("hex") : null,
      at: lastAt,
    });
  }
  const [udh] = pdu.short_message.udh || [];
  const reported = pdu.registered_delivery && (behaviour.receipts_of === "every" || !udh || udh[udh.length - 1] === udh[udh.length - 2]);
  if (!behaviour.status && reported && behaviour.receipts === "early") deliver(session, receipt(pdu, id));
  const answer = () => {
    taken++;
    session.send(pdu.response(behaviour.status ? { command_status: behaviour.status } : { message_id: written(id, behaviour.resp_id) }));
    if (behaviour.status || !reported) return;
    if (behaviour.receipts === "after") setTimeout(() => deliver(session, receipt(pdu, id)), behaviour.receipt_delay);
    if (behaviour.receipts === "held") held.push([session, receipt(pdu, id)]);
  };
  if (behaviour.delay) setTimeout(answer, behaviour.delay); else answer();
}

function serve(session) {
  session.socket.setNoDelay(true); // else what is measured is how Nagle and delayed acknowledgements meet
  session.on("error", () => {});
  session.setMaxListeners(0);
  session.on("close", () => { const at = sessions.indexOf(session); if (at >= 0) sessions.splice(at, 1); say("closed", {}); });
  for (const kind of ["bind_transceiver", "bind_transmitter", "bind_receiver"]) {
    session.on(kind, (pdu) => setTimeout(() => {
      session.send(pdu.response(behaviour.bind_status ? { command_status: behaviour.bind_status } : { system_id: "smsc" }));
      if (behaviour.bind_status) return;
      session.kind = kind;
      sessions.push(session);
      say("bound", { kind, system_id: pdu.system_id, password: pdu.password, system_type: pdu.system_type });
    }, behaviour.bind_delay));
  }
  session.on("submit_sm", (pdu) => submitted(session, pdu));
  session.on("enquire_link", (pdu) => { if (behaviour.deaf) return; session.send(pdu.response()); say("enquired", {}); });
  session.on("unbind", (pdu) => { session.send(pdu.response()); session.close(); say("unbound", {}); });
  session.on("deliver_sm_resp", (pdu) => { if (!pdu.command_status) [acknowledged, acknowledgedAt] = [acknowledged + 1, now()]; });
  session.on("pdu", (pdu) => { if (pdu.isResponse() && !behaviour.quiet) say("answer", { command: pdu.command, status: pdu.command_status, sequence: pdu.sequence_number }); });
}

const commands = {
  set: ({ do: _, ...values }) => { Object.assign(behaviour, values); say("set", {}); },
  // A PDU of npm's making; {"hex": ...} in short_message and message_payload are octets.
  send: ({ command, fields }) => {
    for (const name of ["short_message", "message_payload"]) if (fields[name]) fields[name] = Buffer.from(fields[name].hex, "hex");
    const pdu = new smpp.PDU(command, fields);
    receiver(null).send(pdu);
    say("sent", { sequence: pdu.sequence_number });
  },
  // A parent's text, in UCS-2, by any bind that can receive; what became of it is told once: status null is no answer.
  text: ({ reference, fields, octets }) => {
    const able = sessions.filter((s) => s.kind !== "bind_transmitter");
    const to = able[Math.floor(Math.random() * able.length)];
    let told = false;
    const tell = (status) => { if (!told) say("texted", { reference, status, at: now() }); told = true; };
    if (!to) return tell(null);
    const ended = () => tell(null);
    to.once("close", ended);
    to.deliver_sm({ ...fields, short_message: Buffer.from(octets, "hex") }, (pdu) => { to.removeListener("close", ended); tell(pdu.command_status); });
    setTimeout(ended, 30000);
  },
  // Octets as they are, in pieces with pauses (ms) between them.
  raw: async ({ pieces, pause }) => {
    const { socket } = receiver(null);
    socket.setNoDelay(true);
    for (const piece of pieces) { socket.write(Buffer.from(piece, "hex")); await new Promise((done) => setTimeout(done, pause || 0)); }
    say("sent", {});
  },
  release: ({ reversed }) => { const out = reversed ? held.reverse() : held; held = []; for (const [session, options] of out) deliver(session, options); },
  drop: () => { for (const session of [...sessions]) session.socket.resetAndDestroy(); },
  stall: () => { for (const session of sessions) { session.pause(); session.socket.pause(); } },
  repeated: () => say("repeated", { numbers: [...destinations].filter(([, times]) => times > 1).map(([number]) => number) }),
  count: () => say("count", { submits, taken, refused, destinations: destinations.size, acknowledged, first_at: firstAt, last_at: lastAt, acknowledged_at: acknowledgedAt }),
  forget: () => { submits = taken = refused = acknowledged = 0; firstAt = lastAt = acknowledgedAt = null; destinations.clear(); say("forgot", {}); },
};

const server = smpp.createServer(key ? { key: fs.readFileSync(key), cert: fs.readFileSync(cert) } : {}, serve);
server.listen(0, process.env.SMSC_ADDRESS || "127.0.0.1", () => say("listening", { port: server.address().port }));
readline.createInterface({ input: process.stdin }).on("line", (line) => { const command = JSON.parse(line); commands[command.do](command); }).on("close", () => process.exit(0));
