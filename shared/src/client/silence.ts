// A time limit that begins anew with every sign of life: for answers that may take as long as they like while they go on.

/** At the end of the silence, or when the caller's signal is aborted, `signal` is. */
export interface Silence {
  readonly signal: AbortSignal;
  readonly silent: boolean;
  readonly heard: () => void;
  /** Ends the watch, and whatever still runs under the signal. */
  readonly stop: () => void;
}

export function watchSilence(seconds: number, outer: AbortSignal | undefined): Silence {
  const controller = new AbortController();
  let silent = false;
  const expire = () => {
    silent = true;
    controller.abort();
  };
  const forward = () => controller.abort(outer?.reason);
  let timer = setTimeout(expire, seconds * 1000);
  if (outer?.aborted) forward();
  outer?.addEventListener('abort', forward);
  return {
    signal: controller.signal,
    get silent() {
      return silent;
    },
    heard: () => {
      clearTimeout(timer);
      timer = setTimeout(expire, seconds * 1000);
    },
    stop: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', forward);
      controller.abort();
    },
  };
}
