/** Identifiers that sort by the time they were made: 48 bits of clock, 80 bits of chance. */

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Return a new ULID: 26 characters of Crockford's base 32. */
export function ulid(now: number = Date.now()): string {
  const chance = crypto.getRandomValues(new Uint8Array(16));
  let clock = '';
  for (let left = now, index = 0; index < 10; index++) {
    clock = ALPHABET[left % 32] + clock;
    left = Math.floor(left / 32);
  }
  return clock + Array.from(chance, byte => ALPHABET[byte % 32]).join('');
}

/** The part of an id that people see: the last 8 characters, since the first are a clock. */
export function shortId(id: string): string {
  return id.slice(-8).toLowerCase();
}
