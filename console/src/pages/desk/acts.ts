import { http } from "@/api/client";
import type { components } from "@/api/schema";
import type { CanDo, Matter } from "./kinds";

export type Values = Readonly<Record<string, unknown>>;
type Claimed = components["schemas"]["ClaimShown"];

/** What came of one row: `said` is why it wasn't done, empty where it was. */
export interface Outcome {
  readonly row: Matter;
  readonly said: string;
}

/** How the calls for many answer: each member's outcome, in the order asked. */
interface Answer {
  readonly approval_id?: string; // it waits for another person: nothing was done
  readonly outcomes?: readonly { readonly problem: { readonly detail: string } | null }[];
  readonly shop_orders?: readonly { readonly obstacle: string | null }[];
}

const TAKES_A_LIST = "ids"; // the call's one way: it is of a list, also for one row

/** A call as `can` names it: what it is called is the server's to say. */
async function call(method: string, path: string, init: object): Promise<Answer | undefined> {
  const { data } = await http.request(method.toLowerCase() as never, path as never, init as never);
  return data as Answer | undefined;
}

/** Do something about one row. Throws what the server refuses; an outcome where it is of a list. */
export async function actOnOne(
  can: CanDo,
  row: Matter,
  values: Values,
  obstacle: (code: string) => string,
): Promise<string> {
  if (can.needs.includes(TAKES_A_LIST)) {
    const [only] = await actOnMany(can, [row], values, obstacle);
    return only?.said ?? "";
  }
  const answer = await call(can.method, can.path, requestOf(can, values));
  return answer?.approval_id ? obstacle("waits_for_approval") : "";
}

/** Do the same about many rows: one call, an outcome for each. */
export async function actOnMany(
  can: CanDo,
  rows: readonly Matter[],
  values: Values,
  obstacle: (code: string) => string,
): Promise<Outcome[]> {
  const body = { ids: rows.map((row) => row.id), ...listed(can), ...values };
  const answer = await call("post", can.many_path ?? can.path, { body });
  return rows.map((row, place) => {
    const code = answer?.shop_orders?.[place]?.obstacle;
    const problem = answer?.outcomes?.[place]?.problem;
    return { row, said: code ? obstacle(code) : (problem?.detail ?? "") };
  });
}

function listed(can: CanDo): Values {
  return can.needs.includes("take_over") ? { take_over: true } : {};
}

function requestOf(can: CanDo, values: Values): object {
  if (can.operation === "wantPurchase") {
    return { body: values, headers: { "Idempotency-Key": crypto.randomUUID() } };
  }
  if (can.operation === "payMovement") {
    const form = new FormData();
    form.set("reference", String(values.reference ?? ""));
    if (values.file instanceof File) form.set("file", values.file);
    return { body: form, bodySerializer: (body: FormData) => body };
  }
  return Object.keys(values).length > 0 ? { body: values } : bare(can);
}

/** Calls whose body may be empty, but must be there. */
function bare(can: CanDo): object {
  return can.operation === "submitPurchase" ? { body: {} } : {};
}

/** Be on rows, or stay on them; tells of each who is. */
export async function claim(rows: readonly Matter[], takeOver = false): Promise<Claimed[]> {
  const { data } = await http.POST("/v1/desk/claims", {
    body: { rows: rows.map(({ kind, id }) => ({ kind, id })), take_over: takeOver },
  });
  return data?.outcomes ?? [];
}

/** Be on them no more. */
export async function leave(rows: readonly Matter[]): Promise<void> {
  await http.POST("/v1/desk/claims/release", {
    body: { rows: rows.map(({ kind, id }) => ({ kind, id })) },
  });
}
