import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LogLevel, makeLogger, printable } from './logger.ts';

function collect(level: LogLevel) {
  const lines: string[] = [];
  return { lines, log: makeLogger({ level, write: (line) => lines.push(line) }) };
}

describe('the logger', () => {
  it('writes one JSON line per event, with the bindings of its parents', () => {
    const { lines, log } = collect('info');
    log.child({ jobId: 'j' }).child({ attempt: 2 }).info('job.completed', { seconds: 1.5 });
    const { time, ...line } = JSON.parse(lines[0] ?? '');
    assert.deepEqual(line, { level: 'info', event: 'job.completed', jobId: 'j', attempt: 2, seconds: 1.5 });
    assert.match(time, /^\d{4}-\d\d-\d\dT/);
  });

  it('leaves out what is below its level', () => {
    const { lines, log } = collect('warn');
    log.info('quiet');
    log.error('loud');
    assert.equal(lines.length, 1);
  });

  it('shows an error with its message and code, a text with line ends on one line', () => {
    const { lines, log } = collect('debug');
    log.error('failed', {
      error: Object.assign(new Error('a\nb'), { code: 'ECONNRESET' }),
      text: 'x\n\u001b[31m',
    });
    assert.equal(lines[0]?.includes('\n'), false);
    const { error } = JSON.parse(lines[0] ?? '');
    assert.equal(error.message, 'a\nb');
    assert.equal(error.code, 'ECONNRESET');
  });

  it('S18: shows text from outside without anything that a terminal would obey, and loses none of it', () => {
    const { lines, log } = collect('debug');
    const hostile = '\r\n{"event":"forged"}\x1b[2J\x9b31m\x7f\u2028\u202egnp.\u2066\u200f';
    log.warn('received', { hostile });
    assert.match(lines[0] ?? '', /^[\x20-\x7e]+$/);
    assert.equal(JSON.parse(lines[0] ?? '').hostile, hostile);
  });
});

describe('printable text', () => {
  it('shows what a terminal would obey, and keeps line ends, letters and emoji', () => {
    const lines = 'a\n  é 画 🎨\n';
    assert.equal(printable(lines), lines);
    assert.equal(
      printable('\r\t\x1b[2J\x7f\x9b31m\u202e'),
      '\\u000d\\u0009\\u001b[2J\\u007f\\u009b31m\\u202e',
    );
  });
});
