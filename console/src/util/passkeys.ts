/** Passkeys travel as JSON: the browser's own conversions (WebAuthn Level 3, 5.1). */

type Json = Record<string, unknown>;

interface Conversions {
  parseRequestOptionsFromJSON(options: Json): PublicKeyCredentialRequestOptions;
  parseCreationOptionsFromJSON(options: Json): PublicKeyCredentialCreationOptions;
}

function conversions(): Conversions | null {
  const known = (window as { PublicKeyCredential?: unknown }).PublicKeyCredential;
  const found = known as Partial<Conversions> | undefined;
  return found?.parseRequestOptionsFromJSON && found.parseCreationOptionsFromJSON
    ? (found as Conversions)
    : null;
}

/** Whether this browser can use passkeys on this page. */
export function passkeysWork(): boolean {
  return window.isSecureContext && conversions() !== null;
}

/** Ask for a passkey; null where the person changed their mind. */
export async function askForPasskey(options: Json): Promise<Json | null> {
  const publicKey = conversions()?.parseRequestOptionsFromJSON(options);
  if (publicKey === undefined) return null;
  return told(() => navigator.credentials.get({ publicKey }));
}

/** Make a passkey; null where the person changed their mind. */
export async function makePasskey(options: Json): Promise<Json | null> {
  const publicKey = conversions()?.parseCreationOptionsFromJSON(options);
  if (publicKey === undefined) return null;
  return told(() => navigator.credentials.create({ publicKey }));
}

async function told(ask: () => Promise<Credential | null>): Promise<Json | null> {
  try {
    const given = (await ask()) as (Credential & { toJSON(): Json }) | null;
    return given?.toJSON() ?? null;
  } catch (error) {
    // Cancelled or timed out: the browser has told them, and they can go on another way.
    if (error instanceof DOMException && error.name === "NotAllowedError") return null;
    throw error;
  }
}
