import { Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { useMe } from "@/api/me";
import { Time, useNow } from "@/ui/time";
import { formatExact } from "@/util/time";
import type { Matter } from "./kinds";

const SOON_MS = 30 * 60_000;
const MINUTE_MS = 60_000;

/** How long is left: in words, and in the alarm's colour where it is near or over. */
export function Left({ row }: { row: Matter }) {
  const { t } = useTranslation("desk");
  const { tenant } = useMe();
  const now = useNow();
  if (row.due_at === null) return <span className="soft">{t("left.none")}</span>;
  const left = new Date(row.due_at).getTime() - now;
  const late = left < 0;
  const minutes = Math.floor(Math.abs(left) / MINUTE_MS);
  const long =
    minutes < 60
      ? t("left.minutes", { count: minutes })
      : minutes < 48 * 60
        ? t("left.hours", { count: Math.floor(minutes / 60) })
        : t("left.days", { count: Math.floor(minutes / (24 * 60)) });
  return (
    <Tooltip title={`${formatExact(new Date(row.due_at), tenant.timezone)} ${tenant.timezone}`}>
      <span className={late || left < SOON_MS ? "figures alarm" : "figures"}>
        {t(late ? "left.late" : "left.still", { long })}
      </span>
    </Tooltip>
  );
}

/** Who is on it: 处理中 · 王芳 3 分钟前. */
export function Who({ row }: { row: Matter }) {
  const { t } = useTranslation("desk");
  if (row.who === null) return null;
  return (
    <span className="desk-who" data-mine={row.who.mine}>
      {row.who.mine ? t("who.mine") : t("who.other", { name: row.who.name })}{" "}
      <Time at={row.who.since} />
    </span>
  );
}
