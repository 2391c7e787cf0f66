/** The address of a run: `…/lab?runtrack=<run id>`. Pure; what comes from an address is never trusted. */

const KEY = 'runtrack';
const LONGEST = 64;

/** The link to a run, below the address that a server or hub gives to be shared. */
export function linkTo(run_id: string, shared: string, app: string): string {
  const base = shared.endsWith('/') ? shared : `${shared}/`;
  return `${base}${app}?${KEY}=${encodeURIComponent(run_id)}`;
}

/** The id, short id or number that a query asks for, as it was written; null where it asks for no run. */
export function askedRun(search: string): string | null {
  const asked = new URLSearchParams(search).get(KEY)?.trim() ?? '';
  return asked === '' ? null : asked.slice(0, LONGEST);
}

/** The query without our part; the rest, and its order, is other people's. */
export function withoutRun(search: string): string {
  const rest = search
    .replace(/^\?/, '')
    .split('&')
    .filter(part => part !== '' && part !== KEY && !part.startsWith(`${KEY}=`));
  return rest.length > 0 ? `?${rest.join('&')}` : '';
}
