// Loaded before a program: writes down every name that it looks up, and every place that it connects to or sends to.
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import net from 'node:net';

const file = process.env.GREENLIGHT_TEST_CONNECTIONS;
const note = (what, where) => appendFileSync(file, `${what} ${where}\n`);

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [given] = Array.isArray(args[0]) ? args[0] : args;
  const { host = 'localhost', path } =
    typeof given === 'object' ? given : { host: args[1], path: null };
  note('connect', path == null ? host : 'a socket file');
  return connect.apply(this, args);
};

for (const module of [dns, dns.promises])
  for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) {
    const own = module[name];
    module[name] = (host, ...more) => {
      note('look up', host);
      return own.call(module, host, ...more);
    };
  }

const { send } = dgram.Socket.prototype;
dgram.Socket.prototype.send = function (...args) {
  note('send', args.find((one, at) => at > 0 && typeof one === 'string') ?? 'somewhere');
  return send.apply(this, args);
};
