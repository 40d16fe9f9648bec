/** Reading JSON from outside: a value is what it should be, or the message is refused by name. */

export class BadMessage extends Error {}

export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new BadMessage(`${what} is no object`);
  return value as Fields;
}

export function text(from: Fields, name: string): string {
  const value = from[name];
  if (typeof value !== "string") throw new BadMessage(`${name} is no text`);
  return value;
}

/** A finite number; large ones (nanoseconds) may come as text. */
export function number(from: Fields, name: string): number {
  const value = from[name];
  const parsed = typeof value === "string" && value !== "" ? Number(value) : value;
  if (typeof parsed !== "number" || !Number.isFinite(parsed)) throw new BadMessage(`${name} is no number`);
  return parsed;
}

export function whole(from: Fields, name: string, low: number, high: number): number {
  const value = number(from, name);
  if (!Number.isInteger(value) || value < low || value > high) throw new BadMessage(`${name} ${value} is out of range`);
  return value;
}

export function flag(from: Fields, name: string): boolean {
  const value = from[name];
  if (typeof value !== "boolean") throw new BadMessage(`${name} is neither true nor false`);
  return value;
}

/** Nanoseconds since 1970 as milliseconds: exact to under a microsecond. */
export function milliseconds(from: Fields, name: string): number {
  return number(from, name) / 1e6;
}

export function json(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    throw new BadMessage("not JSON");
  }
}
