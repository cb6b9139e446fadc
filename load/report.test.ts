// What a load run says of what it has measured.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { machineFacts } from '../bench/machine.ts';
import { aim, figure, limitText, type Measure, promise, valueText, verdictOf } from './measure.ts';
import { failuresOf, type LoadReport, toJson, toMarkdown, toText } from './report.ts';

const slow = aim('p99 of a submission', 612.4, '<', 500, 'ms');
const lost = promise('accepted jobs not completed', 2, '=', 0);
const kept = promise('broken promises', 0, '=', 0);

function reportWith(measures: readonly Measure[], remarks: readonly string[] = []): LoadReport {
  return {
    at: '2026-01-02T03:04:05.678Z',
    machine: machineFacts(),
    options: { levels: ['L1'], scale: 0.5, seed: 7, format: 'text' },
    levels: [{ level: 'L1', seconds: 12.3, load: '25 jobs', measures, remarks }],
  };
}

describe('a measure', () => {
  it('is held or missed where it is about speed, and broken where a promise was', () => {
    const verdicts = [slow, lost, kept, aim('share', 81, '>', 80), aim('growth', 10, '<=', 10)].map(
      verdictOf,
    );
    assert.deepEqual(verdicts, ['missed', 'BROKEN', 'held', 'held', 'held']);
  });

  it('has no verdict without a limit, and says so where it could not be taken', () => {
    assert.equal(verdictOf(figure('seconds', 3)), '');
    assert.equal(verdictOf(aim('memory', Number.NaN, '<', 512, 'MiB')), 'not measured');
  });

  it('is written with three digits, or whole', () => {
    const texts = [0.254, 2, 12.34, 612.4, Number.NaN].map((value) => valueText({ value, unit: 'ms' }));
    assert.deepEqual(texts, ['0.25 ms', '2 ms', '12.3 ms', '612 ms', '-']);
    assert.equal(limitText(slow), '< 500 ms');
  });
});

describe('the report of a load run', () => {
  it('fails for what was lost or broken, and not for what was slow', () => {
    assert.deepEqual(failuresOf(reportWith([slow, kept])), []);
    assert.deepEqual(failuresOf(reportWith([slow, lost], ['I1 job: it is gone'])), [
      'L1 accepted jobs not completed: 2, expected = 0',
      'L1 I1 job: it is gone',
    ]);
  });

  it('is a table for people, with the failures below', () => {
    const text = toText(reportWith([slow, lost]));
    assert.match(text, /L1: 25 jobs \(12 s\)/);
    assert.match(text, /p99 of a submission +612 ms +< 500 ms +missed/);
    assert.match(text, /BROKEN L1 accepted jobs not completed/);
  });

  it('is one Markdown table, in which the promises that were kept share a row', () => {
    const lines = toMarkdown(reportWith([slow, kept, lost])).split('\n');
    assert.match(lines[0] ?? '', /^2026-01-02, .*seed 7, scale 0\.5\.$/);
    assert.deepEqual(lines.slice(-3), [
      '| L1 | 25 jobs | promises kept | = 2 | 1 | BROKEN |',
      '|  |  | p99 of a submission | < 500 ms | 612 ms | missed |',
      '|  |  | accepted jobs not completed | = 0 | 2 | BROKEN |',
    ]);
  });

  it('has everything as JSON, with the verdicts', () => {
    const [level] = JSON.parse(toJson(reportWith([slow]))).levels;
    assert.equal(level.measures[0].verdict, 'missed');
    assert.equal(level.measures[0].value, 612.4);
  });
});
