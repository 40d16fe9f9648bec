/** A value asked for again and again while the page is seen; an error leaves the last value standing beside it. */

import { useEffect, useRef, useState } from "preact/hooks";

export interface Polled<T> {
  readonly value: T | null;
  readonly error: unknown;
  readonly again: () => void;
}

export function usePolled<T>(ask: () => Promise<T>, everyMs: number, key = ""): Polled<T> {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<unknown>(null);
  const current = useRef(ask);
  current.current = ask;
  const run = useRef<() => void>(() => undefined);
  useEffect(() => {
    let stopped = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let asking = false;
    const once = async (): Promise<void> => {
      if (asking) return;
      asking = true;
      clearTimeout(timer);
      await current.current().then(
        (fresh) => {
          if (stopped) return;
          setValue(fresh);
          setError(null);
        },
        (reason: unknown) => stopped || setError(reason),
      );
      asking = false;
      if (!stopped) timer = setTimeout(() => document.hidden || void once(), everyMs);
    };
    const seen = (): void => {
      if (!document.hidden) void once();
    };
    run.current = () => void once();
    document.addEventListener("visibilitychange", seen);
    void once();
    return () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [everyMs, key]);
  return { value, error, again: () => run.current() };
}
