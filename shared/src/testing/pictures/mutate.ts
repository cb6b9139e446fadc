// Damage as it happens to files, and as somebody might do it on purpose: bytes changed, lost, moved and mixed.
import { crc32 } from 'node:zlib';
import type { Random } from './random.ts';

type Mutation = (file: Buffer, random: Random, other: Buffer) => Buffer;

/** Numbers at which sizes and counters go wrong, big-endian and little-endian alike. */
const edges = [
  '00000000',
  'ffffffff',
  '7fffffff',
  '80000000',
  '00000001',
  '01000000',
  'ffff',
  '0000',
  '8000',
  '00ff',
];
/** A third of all changes go where formats keep their sizes. */
const headBytes = 128;

const mutations: readonly Mutation[] = [
  (file, random) => changed(file, place(file, random), random.bytes(1)),
  (file, random) => changed(file, place(file, random), Buffer.from(random.pick(edges), 'hex')),
  (file, random) => changed(file, place(file, random), random.bytes(random.below(32))),
  (file, random) => changed(file, place(file, random), Buffer.alloc(random.below(200))),
  (file, random) => file.subarray(0, random.below(file.length)),
  (file, random) => replaced(file, random, Buffer.alloc(0)),
  (file, random) => replaced(file, random, random.bytes(random.below(64))),
  (file, random) => {
    const [from, to] = range(file, random);
    return Buffer.concat([file.subarray(0, to), file.subarray(from, to), file.subarray(to)]);
  },
  (file, random, other) =>
    Buffer.concat([file.subarray(0, place(file, random)), other.subarray(place(other, random))]),
  flipped,
];

/** One to three mutations of `file`; `other` is what it may be mixed with. Half of all PNGs get new checksums. */
export function mutate(file: Buffer, other: Buffer, random: Random): Buffer {
  let mutant: Buffer = Buffer.from(file);
  for (let left = 1 + random.below(3); left > 0; left -= 1)
    mutant = random.pick(mutations)(mutant, random, other);
  return random.below(2) === 0 ? withPngChecksums(mutant) : mutant;
}

function place({ length }: Buffer, random: Random): number {
  return random.below(random.below(3) === 0 ? Math.min(headBytes, length) : length);
}

/** At most a quarter of the file. */
function range(file: Buffer, random: Random): [from: number, to: number] {
  const from = place(file, random);
  return [from, Math.min(file.length, from + random.below(1 + (file.length >> 2)))];
}

function changed(file: Buffer, at: number, bytes: Buffer): Buffer {
  const mutant = Buffer.from(file);
  bytes.copy(mutant, at);
  return mutant;
}

function replaced(file: Buffer, random: Random, bytes: Buffer): Buffer {
  const [from, to] = range(file, random);
  return Buffer.concat([file.subarray(0, from), bytes, file.subarray(to)]);
}

function flipped(file: Buffer, random: Random): Buffer {
  const mutant = Buffer.from(file);
  for (let left = 1 + random.below(8); left > 0; left -= 1) {
    const at = place(mutant, random);
    if (at < mutant.length) mutant[at] = (mutant[at] ?? 0) ^ (1 << random.below(8));
  }
  return mutant;
}

/** The decoder looks no further than at a wrong checksum: with right ones the damage reaches what lies behind. */
function withPngChecksums(file: Buffer): Buffer {
  if (file.toString('latin1', 1, 4) !== 'PNG') return file;
  const repaired = Buffer.from(file);
  let at = 8;
  while (at + 12 <= repaired.length) {
    const end = at + 8 + repaired.readUInt32BE(at);
    if (end + 4 > repaired.length) break;
    repaired.writeUInt32BE(crc32(repaired.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return repaired;
}
