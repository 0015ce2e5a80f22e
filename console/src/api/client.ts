import createFetchClient, { type Middleware } from "openapi-fetch";
import createClient from "openapi-react-query";
import { language } from "@/words";
import { offline, problemOf } from "./problem";
import type { paths as Paths } from "./schema";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
const session = { csrf: "" }; // in memory only: nothing of the session is ever stored
const listeners = new Set<() => void>();

/** Remember the session's token, which goes with every change. */
export function rememberCsrf(token: string | null | undefined): void {
  session.csrf = token ?? "";
}

/** Hear of it when the server no longer knows us. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tell whoever listens that the server no longer knows us. */
export function tellSignedOut(): void {
  for (const tell of listeners) tell();
}

/** What goes with every request, also with those that are not written with `http`. */
export function headersOf(method: string): Record<string, string> {
  const headers: Record<string, string> = { "Accept-Language": language() };
  if (!SAFE.has(method)) headers["X-Kashu-CSRF"] = session.csrf;
  return headers;
}

const manners: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(headersOf(request.method))) {
      if (value) request.headers.set(name, value);
    }
    return request;
  },
  async onResponse({ request, response, schemaPath }) {
    if (response.ok) return undefined;
    const signingIn = schemaPath === "/v1/session" && request.method === "POST";
    if (response.status === 401 && !signingIn) tellSignedOut();
    throw await problemOf(response);
  },
  onError({ error }) {
    // A request that the page itself gave up is nobody's problem.
    if (error instanceof DOMException && error.name === "AbortError") return undefined;
    return offline();
  },
};

/** The API, typed by its OpenAPI document. A refusal is thrown as `Problem`. */
export const http = createFetchClient<Paths>({ credentials: "same-origin", redirect: "error" });
http.use(manners);

/** A form, with its files, as the browser writes it: `http.POST(path, asForm(form))`. */
export function asForm(form: FormData): { body: never; bodySerializer: () => FormData } {
  return { body: form as never, bodySerializer: () => form };
}

/** The same for components: `api.useQuery("get", "/v1/skus", …)`. */
export const api = createClient(http);
