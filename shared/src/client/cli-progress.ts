// How waiting looks: a bar on a terminal, a line per change in a pipe, nothing when quiet. All of it on stderr.
import { SingleBar } from 'cli-progress';
import type { StatusView } from '../wire.ts';
import type { RetryNotice } from './retry.ts';

export interface ProgressView {
  readonly show: (view: StatusView) => void;
  readonly note: (text: string) => void;
  /** Leaves the terminal as it was. */
  readonly stop: () => void;
}

export function makeProgressView(silent: boolean, stream: NodeJS.WriteStream): ProgressView {
  if (silent) return { show: () => {}, note: () => {}, stop: () => {} };
  return stream.isTTY ? barView(stream) : lineView(stream);
}

function words(name: string): string {
  return name.replaceAll('_', ' ');
}

function lineView(stream: NodeJS.WriteStream): ProgressView {
  let last = '';
  return {
    show: ({ status, phase, attempt }) => {
      const again = attempt > 1 ? ` (attempt ${attempt})` : '';
      const line = (phase === status || phase === 'done' ? status : `${status}: ${words(phase)}`) + again;
      if (line !== last) stream.write(`${line}\n`);
      last = line;
    },
    note: (text) => stream.write(`${text}\n`),
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
      bar.update(Math.floor(view.progress * 100), {
        text: words(view.phase === 'done' ? view.status : view.phase),
      });
    },
    note: (text) => {
      if (bar) bar.update({ text });
      else stream.write(`${text}\n`);
    },
    stop: () => bar?.stop(),
  };
}

export function retryText({ error, pauseSeconds }: RetryNotice): string {
  return `${error.message} Trying again in ${pauseSeconds.toFixed(1)} s.`;
}
