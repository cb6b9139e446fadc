// How waiting looks: a bar on a terminal, a line per change in a pipe, nothing when quiet. All of it on stderr.
import { SingleBar } from 'cli-progress';
import { printable } from '../logger.ts';
import type { StatusView } from '../wire.ts';
import { outlookText, waitingText, words } from './cli-text.ts';
import type { RetryNotice } from './retry.ts';

/** What waiting shows of a job or a batch. */
export type Progressing = Pick<
  StatusView,
  'status' | 'phase' | 'progress' | 'attempt' | 'queue_position' | 'wait'
>;

export interface ProgressView {
  readonly show: (view: Progressing) => void;
  readonly note: (text: string) => void;
  /** Leaves the terminal as it was. */
  readonly stop: () => void;
}

export function makeProgressView(silent: boolean, stream: NodeJS.WriteStream): ProgressView {
  if (silent) return { show: () => {}, note: () => {}, stop: () => {} };
  return stream.isTTY ? barView(stream) : lineView(stream);
}

function stateText({ status, phase }: Progressing): string {
  return phase === status || phase === 'done' ? status : `${status}: ${words(phase)}`;
}

function lineView(stream: NodeJS.WriteStream): ProgressView {
  let last = '';
  return {
    show: (view) => {
      // Without the estimate, which changes with every look.
      const waiting = view.status === 'queued' ? waitingText(view) : '';
      const again = view.attempt > 1 ? ` (attempt ${view.attempt})` : '';
      const line = `${stateText(view)}${waiting && `; ${waiting}`}${again}`;
      if (line !== last) stream.write(`${printable(line)}\n`);
      last = line;
    },
    note: (text) => stream.write(`${printable(text)}\n`),
    stop: () => {},
  };
}

function barView(stream: NodeJS.WriteStream): ProgressView {
  let bar: SingleBar | undefined;
  const start = () => {
    const format = '[{bar}] {percentage}% {duration_formatted} {text}';
    const started = new SingleBar({ format, stream, clearOnComplete: true, barsize: 30, linewrap: null });
    started.start(100, 0, { text: '' });
    return started;
  };
  return {
    show: (view) => {
      bar ??= start();
      const state = words(view.phase === 'done' ? view.status : view.phase);
      const text = printable([state, outlookText(view)].filter(Boolean).join('; '));
      bar.update(Math.floor(view.progress * 100), { text });
    },
    note: (text) => {
      if (bar) bar.update({ text: printable(text) });
      else stream.write(`${printable(text)}\n`);
    },
    stop: () => bar?.stop(),
  };
}

export function retryText({ error, pauseSeconds }: RetryNotice): string {
  return `${error.message} Trying again in ${pauseSeconds.toFixed(1)} s.`;
}
