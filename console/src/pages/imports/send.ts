import i18next from "i18next";
import { asForm, http } from "@/api/client";
import { postLines } from "@/api/lines";
import { asProblem, Problem } from "@/api/problem";
import type { components } from "@/api/schema";
import { saveFile } from "@/util/files";

export type Report = components["schemas"]["ImportReport"];
export type Recognised = components["schemas"]["Recognised"];
export type Note = components["schemas"]["Note"];
export type RowsRead = components["schemas"]["ReadRows"];
export type RowRead = components["schemas"]["ReadRow"];
export type RejectClass = components["schemas"]["RejectClass"];
export type CardWarning = components["schemas"]["CardWarning"];

/** What somebody dropped or pasted. It lives on the page, and nowhere else. */
export type Given =
  | { readonly kind: "file"; readonly file: File; readonly worksheet?: string }
  | { readonly kind: "text"; readonly text: string };

/** On what terms its cards come in, as they were typed. */
export interface Terms {
  readonly sku: string;
  readonly warehouse: string;
  readonly supplier: string;
  readonly unitCost: string;
  readonly expiresOn: string;
  readonly maxUses: string;
  readonly soldElsewhere: boolean;
}

/** Rows that were put right on the screen: row → its cells; without cells it is left out. */
export type Corrections = ReadonlyMap<number, readonly string[]>;

function formOf(
  given: Given,
  terms: Terms,
  corrections: Corrections,
  more: Readonly<Record<string, string | boolean | undefined>>,
): FormData {
  const form = new FormData();
  if (given.kind === "file") {
    form.set("file", given.file);
    if (given.worksheet) form.set("worksheet", given.worksheet);
  } else form.set("text", given.text);
  const fields = {
    sku: terms.sku,
    warehouse: terms.warehouse,
    supplier: terms.supplier,
    unit_cost: terms.soldElsewhere ? "0" : terms.unitCost,
    expires_on: terms.expiresOn,
    max_uses: terms.maxUses,
    sold_elsewhere: terms.soldElsewhere,
    ...more,
  };
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== "") form.set(name, String(value));
  }
  if (corrections.size > 0) {
    const rows = [...corrections].map(([row, cells]) => ({ row, cells }));
    form.set("corrections", JSON.stringify(rows));
  }
  return form;
}

/** A file is read from the disk each time it is sent: meanwhile it may have been changed. */
async function sending<Answer>(given: Given, send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send();
  } catch (refused) {
    if (given.kind === "file" && asProblem(refused).status === 0 && (await isGone(given.file))) {
      const [title, detail] = [i18next.t("imports:gone.title"), i18next.t("imports:gone.detail")];
      throw new Problem({ type: "about:blank", status: 0, code: "file_gone", title, detail });
    }
    throw refused;
  }
}

async function isGone(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return false;
  } catch {
    return true; // the browser refuses to read what isn't the file that was chosen
  }
}

/** How a file begins, and how it is read. */
export interface First {
  readonly recognised: Recognised;
  readonly rows: readonly RowRead[];
}

/** How far the server is: rows read, which part of the file that is (1: all), and since when. */
export interface Far {
  readonly read: number;
  readonly share: number;
  readonly ms: number;
}

/** A line of a check's answer. Source: CheckLine in kashu/stock/imports_check.py. */
interface Line {
  readonly first?: First;
  readonly progress?: Far;
  readonly report?: Report;
  readonly refused?: {
    readonly status: number;
    readonly code: string;
    readonly title: string;
    readonly detail: string;
  };
}

/** Why a file as such can't be imported, whatever the terms. */
export class FileRefused extends Problem {}

/** Ask what would become of each row, and hear meanwhile how far it is. Nothing is written. */
export async function check(
  given: Given,
  terms: Terms,
  corrections: Corrections,
  watching: {
    readonly signal: AbortSignal;
    readonly sent: (share: number) => void;
    readonly first: (first: First) => void;
    readonly far: (far: Far) => void;
  },
): Promise<Report> {
  let report: Report | undefined;
  let refused: Line["refused"];
  const told = (said: unknown) => {
    const line = said as Line;
    if (line.first) watching.first(line.first);
    if (line.progress) watching.far(line.progress);
    report = line.report ?? report;
    refused = line.refused ?? refused;
  };
  const form = formOf(given, terms, corrections, {});
  const { signal, sent } = watching;
  await sending(given, () => postLines("/v1/imports/check", form, { signal, sent, told }));
  if (refused) throw new FileRefused({ type: "about:blank", ...refused });
  if (report === undefined) throw asProblem(undefined); // it was cut off
  return report;
}

/** What is to be said of other terms for a file that was checked; it isn't sent again. */
export async function notesOn(
  report: Report,
  terms: Terms,
  signal: AbortSignal,
): Promise<readonly Note[]> {
  const { data } = await http.POST("/v1/imports/terms", {
    body: {
      sku: terms.sku,
      warehouse: terms.warehouse,
      supplier: terms.supplier,
      unit_cost: terms.soldElsewhere ? "0" : terms.unitCost,
      sha256: report.sha256,
      accepted: report.accepted,
      expires_on: terms.expiresOn || null,
      max_uses: terms.maxUses ? Number(terms.maxUses) : null,
      sold_elsewhere: terms.soldElsewhere,
    },
    signal,
  });
  return data?.notes ?? [];
}

/** Import what was previewed. `sure`: somebody has looked at what is unusual. */
export async function importCards(
  given: Given,
  terms: Terms,
  corrections: Corrections,
  previewed: Report,
  sure: boolean,
): Promise<Report | undefined> {
  const form = formOf(given, terms, corrections, { expect_sha256: previewed.sha256, sure });
  const sent = await sending(given, () => http.POST("/v1/imports", asForm(form)));
  return sent.data as Report | undefined;
}

/** Rows as they were read: of one class, with one warning, or the first few. */
export async function rowsOf(
  given: Given,
  terms: Terms,
  corrections: Corrections,
  which: { reason?: RejectClass; warning?: CardWarning },
  signal?: AbortSignal,
): Promise<RowsRead | undefined> {
  const form = asForm(formOf(given, terms, corrections, which));
  const asked = { ...form, ...(signal ? { signal } : {}) };
  return (await sending(given, () => http.POST("/v1/imports/rows", asked))).data;
}

/** The rejected rows as a file, to be put right and imported. */
export async function download(
  given: Given,
  terms: Terms,
  corrections: Corrections,
  written_as: "csv" | "xlsx",
  importId: string | null,
): Promise<void> {
  const more = { written_as, import_id: importId ?? undefined };
  const form = asForm(formOf(given, terms, corrections, more));
  const { data } = await sending(given, () =>
    http.POST("/v1/imports/rejects", { ...form, parseAs: "blob" }),
  );
  saveFile(data as unknown as Blob, `rejects.${written_as}`);
}
