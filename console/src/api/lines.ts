import { headersOf, tellSignedOut } from "./client";
import { offline, problemOf } from "./problem";

interface Watching {
  /** Aborted: the request is given up, and the server stops working on it. */
  readonly signal: AbortSignal;
  /** How much of what is sent has left, 0 to 1. */
  readonly sent: (share: number) => void;
  readonly told: (line: unknown) => void;
}

/**
 * Send a form, and take the answer line by line while it comes. A refusal is thrown as `Problem`.
 * With XMLHttpRequest: fetch says nothing of how much was sent.
 */
export function postLines(path: string, form: FormData, watching: Watching): Promise<void> {
  const { signal, sent, told } = watching;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let taken = 0;
    const take = () => {
      const whole = request.responseText.lastIndexOf("\n") + 1;
      const lines = request.responseText.slice(taken, whole);
      taken = whole;
      for (const line of lines.split("\n")) if (line) told(JSON.parse(line));
    };
    const refuse = async () => {
      if (request.status === 401) tellSignedOut();
      reject(await problemOf(new Response(request.responseText, { status: request.status })));
    };
    request.open("POST", path);
    for (const [name, value] of Object.entries(headersOf("POST"))) {
      if (value) request.setRequestHeader(name, value);
    }
    request.upload.onprogress = ({ loaded, total }) => sent(total > 0 ? loaded / total : 0);
    request.onprogress = () => request.status === 200 && take();
    request.onload = () => {
      if (request.status !== 200) {
        void refuse();
        return;
      }
      take();
      resolve();
    };
    request.onerror = () => reject(offline());
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}
