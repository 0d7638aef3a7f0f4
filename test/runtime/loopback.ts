/**
 * Loaded before functions-framework, whose command line listens on all interfaces: its server listens on the loopback
 * interface instead, and the port that it got is sent to the parent.
 */
import { type AddressInfo, Server } from 'node:net';

const listen = Server.prototype.listen;

Server.prototype.listen = new Proxy(listen, {
  apply(target, server: Server, [port, onListening]: [string, () => void]) {
    Server.prototype.listen = listen; // an artifact's own servers are its own business
    server.once('listening', () => process.send?.((server.address() as AddressInfo).port)); // listens on TCP
    return Reflect.apply(target, server, [Number(port), '127.0.0.1', onListening]);
  },
});

// Ends with the tests, even if they are killed.
process.once('disconnect', () => process.exit());
