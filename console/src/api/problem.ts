import i18next from "i18next";
import type { components } from "./schema";

export type ProblemDocument = components["schemas"]["ProblemDocument"];
export type ProblemDetail = components["schemas"]["ProblemDetail"];

/** What the server refused, or that it can't be reached: a title, and what to do next. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number; // 0: never reached
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly fields: readonly ProblemDetail[];
  readonly requestId: string;

  constructor(said: ProblemDocument) {
    super(said.detail);
    this.status = said.status;
    this.code = said.code;
    this.title = said.title;
    this.detail = said.detail;
    this.facts = said.facts ?? {};
    this.fields = said.problems ?? [];
    this.requestId = said.request_id ?? "";
  }
}

/** A problem of ours, not of the server's: said in the reader's language all the same. */
function ours(status: number, code: "offline" | "strange"): Problem {
  const title = i18next.t(`shell:problem.${code}.title`);
  const detail = i18next.t(`shell:problem.${code}.detail`);
  return new Problem({ type: "about:blank", status, code, title, detail });
}

/** Read a refusal. What isn't problem+json comes from between us and the server. */
export async function problemOf(response: Response): Promise<Problem> {
  try {
    const said: unknown = await response.json();
    if (typeof said === "object" && said !== null && "code" in said && "detail" in said) {
      return new Problem(said as ProblemDocument);
    }
  } catch {
    // not JSON: as strange as JSON of another form
  }
  return ours(response.status, "strange");
}

/** Whatever was thrown, as a problem that can be shown. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : ours(0, "strange");
}

export function offline(): Problem {
  return ours(0, "offline");
}
