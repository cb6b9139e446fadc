import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { makeBodyRooms } from './body-room.ts';

const MB = 1_000_000;
const never = new AbortController().signal;

/** Rooms for 100 MB of large bodies and 3 MB of small ones, and who got in so far. */
function setUp() {
  const rooms = makeBodyRooms({ large: 100 * MB, small: 3 * MB });
  const inside: string[] = [];
  const enter = async (name: string, bytes: number, signal = never) => {
    const leave = await rooms.enter(bytes, signal);
    inside.push(name);
    return leave;
  };
  return { enter, inside };
}

describe('the room for bodies', () => {
  it('holds no more bytes than it has, and lets the next in when there is room', async () => {
    const { enter, inside } = setUp();
    const leave = await enter('a', 60 * MB);
    const next = enter('b', 60 * MB);
    await nextTurn();
    assert.deepEqual(inside, ['a']);
    leave();
    leave();
    await next;
    const last = enter('c', 60 * MB);
    await nextTurn();
    assert.deepEqual(inside, ['a', 'b']);
    (await next)();
    await last;
  });

  it('keeps the order, even where a later one would fit', async () => {
    const { enter, inside } = setUp();
    const leave = await enter('a', 60 * MB);
    const rest = [enter('b', 60 * MB), enter('c', 30 * MB)];
    await nextTurn();
    assert.deepEqual(inside, ['a']);
    leave();
    await Promise.all(rest);
    assert.deepEqual(inside, ['a', 'b', 'c']);
  });

  it('lets small bodies in however many large ones wait, and those without a body at once', async () => {
    const { enter, inside } = setUp();
    await enter('large', 100 * MB);
    void enter('waiting', 50 * MB);
    await Promise.all([enter('small', MB), enter('small', MB), enter('small', MB)]);
    void enter('small', MB);
    await enter('none', 0);
    assert.deepEqual(inside, ['large', 'small', 'small', 'small', 'none']);
  });

  it('is left by a client that goes away, with those behind it moving up', async () => {
    const { enter, inside } = setUp();
    await enter('a', 60 * MB);
    const gone = new AbortController();
    const waiting = enter('b', 60 * MB, gone.signal);
    const behind = enter('c', 30 * MB);
    gone.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
    await behind;
    assert.deepEqual(inside, ['a', 'c']);
    await assert.rejects(enter('d', MB, gone.signal), { name: 'AbortError' });
  });

  it('takes a body that is larger than itself alone', async () => {
    const { enter, inside } = setUp();
    const leave = await enter('a', 2 * MB);
    const giant = enter('giant', 500 * MB);
    await nextTurn();
    assert.deepEqual(inside, ['a']);
    leave();
    (await giant)();
    await enter('b', 100 * MB);
  });
});
