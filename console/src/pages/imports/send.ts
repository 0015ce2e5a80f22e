import { asForm, http } from "@/api/client";
import type { components } from "@/api/schema";
import { saveFile } from "@/util/files";

export type Report = components["schemas"]["ImportReport"];
export type RowsRead = components["schemas"]["ReadRows"];
export type RowRead = components["schemas"]["ReadRow"];
export type RejectClass = components["schemas"]["RejectClass"];
export type CardWarning = components["schemas"]["CardWarning"];

/** What somebody dropped or pasted. It lives on the page, and nowhere else. */
export type Given =
  | { readonly kind: "file"; readonly file: File }
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
): ReturnType<typeof asForm> {
  const form = new FormData();
  if (given.kind === "file") form.set("file", given.file);
  else form.set("text", given.text);
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
  return asForm(form);
}

/** Ask what would become of each row. Nothing is written. */
export async function preview(
  given: Given,
  terms: Terms,
  corrections: Corrections,
  signal: AbortSignal,
): Promise<Report | undefined> {
  const form = formOf(given, terms, corrections, { dry_run: true });
  return (await http.POST("/v1/imports", { ...form, signal })).data as Report | undefined;
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
  return (await http.POST("/v1/imports", form)).data as Report | undefined;
}

/** Rows as they were read: of one class, with one warning, or the first few. */
export async function rowsOf(
  given: Given,
  terms: Terms,
  corrections: Corrections,
  which: { reason?: RejectClass; warning?: CardWarning },
  signal?: AbortSignal,
): Promise<RowsRead | undefined> {
  const form = formOf(given, terms, corrections, which);
  return (await http.POST("/v1/imports/rows", { ...form, ...(signal ? { signal } : {}) })).data;
}

/** The rejected rows as a file, to be put right and imported. */
export async function download(
  given: Given,
  terms: Terms,
  corrections: Corrections,
  written_as: "csv" | "xlsx",
  importId: string | null,
): Promise<void> {
  const form = formOf(given, terms, corrections, { written_as, import_id: importId ?? undefined });
  const { data } = await http.POST("/v1/imports/rejects", { ...form, parseAs: "blob" });
  saveFile(data as unknown as Blob, `rejects.${written_as}`);
}
