import { DownloadOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { http } from "@/api/client";
import type { paths as Paths } from "@/api/schema";
import { useSay } from "@/ui/problem";
import { saveFile } from "@/util/files";

type Asked = NonNullable<Paths["/v1/orders/file"]["get"]["parameters"]["query"]>;
type Format = NonNullable<Asked["format"]>;

/** The list as it is filtered, as a file. */
export function Export({ query }: { query: Asked }) {
  const { t } = useTranslation("orders");
  const say = useSay();
  const [busy, setBusy] = useState(false);
  const get = async (format: Format) => {
    setBusy(true);
    try {
      const { data } = await http.GET("/v1/orders/file", {
        params: { query: { ...query, format } },
        parseAs: "blob",
      });
      saveFile(data as unknown as Blob, `orders.${format}`);
      say.done(t("list.exported"));
    } catch (error) {
      say.failed(error);
    } finally {
      setBusy(false);
    }
  };
  const items = [
    { key: "xlsx", label: t("list.export_xlsx") },
    { key: "csv", label: t("list.export_csv") },
  ];
  return (
    <Dropdown menu={{ items, onClick: ({ key }) => get(key as Format) }} trigger={["click"]}>
      <Button icon={<DownloadOutlined />} loading={busy} title={t("list.export_about")}>
        {t("list.export")}
      </Button>
    </Dropdown>
  );
}
