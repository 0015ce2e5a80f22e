import { Button, Space } from "antd";
import { useTranslation } from "react-i18next";
import { useLocation, useSearchParams } from "react-router";

interface Cursor {
  name: "after" | "before";
  at: string | undefined;
  next: string | null | undefined;
}

/**
 * Forward by the server's cursor, back by the way we came. A page opened by its link knows no way
 * back, so it offers the first page.
 */
export function Pages({ cursor }: { cursor: Cursor }) {
  const { t } = useTranslation("shell");
  const [parameters, setParameters] = useSearchParams();
  const { state } = useLocation() as { state: { trail?: string[] } | null };
  const trail = state?.trail ?? [];
  const turn = (at: string, way: string[]) => {
    const next = new URLSearchParams(parameters);
    if (at) next.set(cursor.name, at);
    else next.delete(cursor.name);
    next.delete("show");
    setParameters(next, { state: { trail: way } });
    window.scrollTo({ top: 0 });
  };
  if (!cursor.at && !cursor.next) return null;
  const previous = trail.at(-1);
  return (
    <Space>
      {trail.length > 0 && (
        <span className="figures">{t("table.page", { page: trail.length + 1 })}</span>
      )}
      {cursor.at && trail.length !== 1 && (
        <Button onClick={() => turn("", [])}>{t("table.first")}</Button>
      )}
      {previous !== undefined && (
        <Button onClick={() => turn(previous, trail.slice(0, -1))}>{t("table.previous")}</Button>
      )}
      <Button
        disabled={!cursor.next}
        onClick={() => cursor.next && turn(cursor.next, [...trail, cursor.at ?? ""])}
      >
        {t("table.next")}
      </Button>
    </Space>
  );
}
