import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import rhea, { type Connection, type Delivery, type EventContext, type Message, type Sender } from 'rhea';
import type { Broker, Consumer, Entry } from './broker.ts';
import { manage } from './management.ts';
import { fromTransfer, scheduledFor, toDelivered, toName, toTag } from './wire.ts';

/** What the standard tier takes; `createMessageBatch()` goes by it. */
const MAX_MESSAGE_BYTES = 262_144;
const LOCK_LOST = { condition: 'com.microsoft:message-lock-lost', description: 'The lock supplied is invalid.' };

interface Handed {
  readonly queue: string;
  readonly entry: Entry;
  readonly token: string;
}
/** What a connection has said so far. */
interface Guest {
  /** Links by which answers go back: their names, and the addresses that requests give as `reply_to`. */
  readonly replies: Map<string, Sender>;
  hasToken: boolean;
}

/** Service Bus's AMQP 1.0, spoken on a free port; returns the port and how to close it. */
export async function listenAmqp(broker: Broker): Promise<{ port: number; close(): Promise<void> }> {
  const container = rhea.create_container({ treat_modified_as_released: false });
  // The SDK authenticates with SASL ANONYMOUS, and then with a token put to the node $cbs.
  container.sasl_server_mechanisms.enable_anonymous();
  const consumers = new Map<Sender, Consumer>();
  const handed = new WeakMap<Delivery, Handed>();
  const guests = new WeakMap<Connection, Guest>();
  const guestOf = (connection: Connection): Guest => {
    const guest = guests.get(connection) ?? { replies: new Map(), hasToken: false };
    guests.set(connection, guest);
    return guest;
  };

  container.on('sender_open', ({ sender, connection }: EventContext) => {
    if (!sender) return;
    const guest = guestOf(connection);
    sender.set_source(sender.source);
    sender.set_target(sender.target);
    if (/\$(cbs|management)$/.test(sender.source.address)) {
      guest.replies.set(sender.name, sender);
      if (sender.target?.address) guest.replies.set(sender.target.address, sender);
    } else if (!guest.hasToken) {
      sender.close({ condition: 'amqp:unauthorized-access', description: 'Put a token to $cbs first' });
    } else {
      const consumer = toConsumer(sender, handed);
      consumers.set(sender, consumer);
      broker.subscribe(consumer);
    }
  });

  container.on('receiver_open', ({ receiver }: EventContext) => {
    if (!receiver) return;
    receiver.set_target(receiver.target);
    receiver.set_source(receiver.source);
    // rhea's types do not show the frame with which it answers an attach.
    Object(receiver).local.attach.max_message_size = MAX_MESSAGE_BYTES;
  });

  const pump = ({ sender }: EventContext): void => {
    const consumer = sender && consumers.get(sender);
    if (consumer) broker.pump(consumer.queue);
  };
  container.on('sendable', pump);
  container.on('sender_draining', ({ sender }: EventContext) => sender?.set_drained(true));

  container.on('message', (context: EventContext) => {
    const { receiver, connection, message } = context;
    if (!receiver || !message) return;
    const address = toName(receiver.target?.address);
    if (address.endsWith('$cbs')) return putToken(guestOf(connection), message);
    if (address.endsWith('/$management')) {
      const answer = manage(broker, address.replace('/$management', ''), message);
      return reply(guestOf(connection), message, answer);
    }
    for (const each of fromTransfer(message)) broker.put(address, each, scheduledFor(each));
  });

  for (const outcome of ['accepted', 'rejected', 'modified', 'released'] as const)
    container.on(outcome, ({ delivery }: EventContext) => {
      const known = delivery && handed.get(delivery);
      if (delivery && known) settle(broker, outcome, delivery, known);
    });

  const leave = (sender: Sender): void => {
    const consumer = consumers.get(sender);
    if (consumer) broker.unsubscribe(consumer);
    consumers.delete(sender);
  };
  container.on('sender_close', ({ sender }: EventContext) => sender && leave(sender));
  container.on('disconnected', ({ connection }: EventContext) => {
    for (const sender of consumers.keys()) if (sender.connection === connection) leave(sender);
  });

  const server = container.listen({ host: '127.0.0.1', port: 0 });
  const connections = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  await once(server, 'listening');
  // Listening on TCP, a server has an address of this type.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async close() {
      for (const socket of connections) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function toConsumer(sender: Sender, handed: WeakMap<Delivery, Handed>): Consumer {
  const queue = toName(sender.source.address);
  return {
    queue,
    settled: sender.snd_settle_mode === 1,
    isReady: () => sender.sendable(),
    deliver: (entry) => {
      const token = entry.lock?.token;
      const delivery = sender.send(toDelivered(entry), token === undefined ? undefined : toTag(token));
      if (token !== undefined) handed.set(delivery, { queue, entry, token });
    },
  };
}

const outcomes = rhea.message;

function settle(
  broker: Broker,
  outcome: 'accepted' | 'rejected' | 'modified' | 'released',
  delivery: Delivery,
  { queue, entry, token }: Handed,
): void {
  // What rhea calls state depends on the outcome; the members read here are those of `rejected` and `modified`.
  const state = Object(delivery.remote_state);
  if (entry.lock?.token !== token) {
    delivery.update(true, Object(outcomes).rejected({ error: LOCK_LOST }).described());
    return;
  }
  switch (outcome) {
    case 'accepted':
      broker.take(queue, entry);
      break;
    case 'rejected': {
      const reasons = state.error?.info ?? {};
      broker.deadLetter(queue, entry, reasons.DeadLetterReason, reasons.DeadLetterErrorDescription);
      break;
    }
    default:
      if (state.undeliverable_here) broker.defer(entry);
      else broker.release(queue, entry);
  }
  // The SDK waits for the same outcome in return.
  const given =
    outcome === 'modified'
      ? { delivery_failed: state.delivery_failed, undeliverable_here: state.undeliverable_here }
      : {};
  delivery.update(true, Object(outcomes)[outcome](given).described());
}

/** Takes shared access signatures and JSON web tokens by their looks. */
function putToken(guest: Guest, message: Message): void {
  const isToken = /^SharedAccessSignature |^[\w-]+\.[\w-]+\./.test(String(message.body));
  guest.hasToken ||= isToken;
  reply(
    guest,
    message,
    isToken ? { status: 202, description: 'Accepted' } : { status: 401, description: 'InvalidToken' },
  );
}

function reply(
  guest: Guest,
  request: Message,
  {
    status,
    description = 'OK',
    condition,
    body,
  }: { status: number; description?: string; condition?: string; body?: unknown },
): void {
  const link = guest.replies.get(String(request.reply_to));
  if (request.message_id === undefined) return;
  link?.send({
    correlation_id: request.message_id,
    // $cbs and $management spell it differently, and the SDK reads either.
    application_properties: {
      'status-code': status,
      statusCode: status,
      'status-description': description,
      errorCondition: condition,
    },
    body,
  });
}
