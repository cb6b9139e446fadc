// A name server for tests: it answers over UDP what the test says, or not at all.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import ipaddr from 'ipaddr.js';

const typeA = 1;
const typeAaaa = 28;
const headerBytes = 12;

/** @param addressesOf the addresses of a name; undefined for a question that gets no answer. */
export async function startNameServer(addressesOf: (name: string) => readonly string[] | undefined) {
  const socket = createSocket('udp4');
  socket.on('message', (query, client) => {
    const { name, type, end } = questionIn(query);
    const addresses = addressesOf(name);
    if (!addresses) return;
    const wanted = addresses.map((text) => ipaddr.parse(text)).filter((one) => typeOf(one) === type);
    const header = Buffer.from(query.subarray(0, headerBytes));
    // An answer without error, with one question and so many records.
    header.writeUInt16BE(0x8180, 2);
    header.writeUInt16BE(wanted.length, 6);
    header.fill(0, 8);
    const records = wanted.map((address) => recordOf(type, address.toByteArray()));
    socket.send(
      Buffer.concat([header, query.subarray(headerBytes, end), ...records]),
      client.port,
      client.address,
    );
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port }: AddressInfo = socket.address();
  const stop = () => new Promise<void>((resolve) => socket.close(() => resolve()));
  return { server: `127.0.0.1:${port}`, stop };
}

const typeOf = (address: { kind(): string }) => (address.kind() === 'ipv4' ? typeA : typeAaaa);

/** A name is labels with their lengths before them, up to an empty one; then come type and class. */
function questionIn(query: Buffer) {
  const labels: string[] = [];
  let at = headerBytes;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('ascii', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** It names the question by its place, and holds for no time. */
function recordOf(type: number, bytes: readonly number[]): Buffer {
  return Buffer.from([0xc0, headerBytes, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length, ...bytes]);
}
