import { paths } from "@/paths";

/** A seller who was sent to permit us, until they are back: which store, and the mark we gave. */
export interface Permitting {
  readonly store: string;
  readonly state: string;
  readonly redirect: string;
}

// Only in this tab. The mark is no secret: it shows that whoever comes back was sent by us.
const KEPT = "kashu.permitting";
const MARK_BYTES = 16;

/** Where a platform is to send sellers back to. */
export function wayBack(): string {
  return `${window.location.origin}/console${paths.storePermitted()}`;
}

/** Letters and digits: some platforms take nothing else. */
export function newMark(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(MARK_BYTES));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function remember(permitting: Permitting): void {
  sessionStorage.setItem(KEPT, JSON.stringify(permitting));
}

/** Who was sent, once: it is forgotten with this. */
export function recall(): Permitting | null {
  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  return kept === null ? null : (JSON.parse(kept) as Permitting);
}

/** The mark that was given to whoever was sent last, if they aren't back yet. */
export function markSent(): string | null {
  const kept = sessionStorage.getItem(KEPT);
  return kept === null ? null : (JSON.parse(kept) as Permitting).state;
}

/** What came back: a code as it is, or the whole address that the platform led to. */
export function codeIn(pasted: string): { code: string; state: string | null } {
  const plain = pasted.trim();
  if (!/^https?:\/\//.test(plain)) return { code: plain, state: null };
  const asked = new URL(plain).searchParams;
  return { code: asked.get("code") ?? "", state: asked.get("state") };
}
