import { saveFile } from "@/util/files";

const TEMPLATE = "订单号,规格,数量,金额,店铺,客户,充值账号\r\n";
const BYTE_ORDER_MARK = "\ufeff"; // or Excel takes it for another encoding

/** What was pasted, as a file: with tabs or commas between its cells, the server tells. */
export function asFile(pasted: string, name: string): File {
  return new File([pasted], `${name}.csv`, { type: "text/csv" });
}

/** A file with the columns' names, to be filled in. */
export function saveTemplate(): void {
  saveFile(new Blob([BYTE_ORDER_MARK, TEMPLATE], { type: "text/csv" }), "orders.csv");
}
