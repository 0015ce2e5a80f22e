import { Button } from "antd";
import { type MouseEvent, type ReactNode, useState } from "react";
import { http } from "@/api/client";
import { saveFile } from "@/util/files";
import { useSay } from "./problem";

const NAMED = /filename="([^"]+)"/;

/** A link to a file that the server makes. Where it isn't made, why not is said here. */
export function Download({ href, children }: { href: string; children: ReactNode }) {
  const say = useSay();
  const [busy, setBusy] = useState(false);
  const get = async (event: MouseEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const asked = { parseAs: "blob" };
      const { data, response } = await http.request("get", href as never, asked as never);
      const [, name] = NAMED.exec(response.headers.get("content-disposition") ?? "") ?? [];
      saveFile(data as unknown as Blob, name ?? "file");
    } catch (error) {
      say.failed(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button href={href} download loading={busy} onClick={get}>
      {children}
    </Button>
  );
}
