import { CloseOutlined, StarOutlined } from "@ant-design/icons";
import { Button, Checkbox, Input, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { api, http } from "@/api/client";
import { useRefresh } from "@/api/refresh";
import { Act, useGoing } from "@/ui/act";
import { ProblemNote, useSay } from "@/ui/problem";

/** Filters under a name: one's own, and those that colleagues share. `page`: which list. */
export function Views({ page }: { page: string }) {
  const { t } = useTranslation("orders");
  const { pathname, search } = useLocation();
  const refresh = useRefresh();
  const say = useSay();
  const { going, once } = useGoing();
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const [open, setOpen] = useState(false);
  const asked = api.useQuery("get", "/v1/views", { params: { query: { page } } });
  const save = async () => {
    const query = new URLSearchParams(search);
    for (const passing of ["before", "show"]) query.delete(passing);
    await http.POST("/v1/views", { body: { page, name: name.trim(), query: `${query}`, shared } });
    await refresh("/v1/views");
    say.done(t("views.saved", { name: name.trim() }));
    setName("");
    setOpen(false);
  };
  const remove = async (id: string) => {
    await http.DELETE("/v1/views/{view_id}", { params: { path: { view_id: id } } });
    await refresh("/v1/views");
  };
  const views = asked.data?.views ?? [];
  const content = (
    <div style={{ display: "grid", gap: 8, width: 260 }}>
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.data && views.length === 0 && <span className="soft">{t("views.none")}</span>}
      {views.map((view) => (
        <div key={view.id} className="line" style={{ minHeight: 28 }}>
          <Link
            className="line-main"
            to={`${pathname}?${view.query}`}
            onClick={() => setOpen(false)}
          >
            {view.name}
          </Link>
          {!view.mine && <span className="soft">{t("views.by", { by: view.by })}</span>}
          {view.can.includes("remove") && (
            <Act
              type="text"
              size="small"
              icon={<CloseOutlined />}
              aria-label={t("views.remove", { name: view.name })}
              onClick={() => remove(view.id).catch(say.failed)}
            />
          )}
        </div>
      ))}
      <Input
        aria-label={t("views.name")}
        placeholder={t("views.name")}
        value={name}
        maxLength={60}
        onChange={({ target }) => setName(target.value)}
      />
      <Checkbox checked={shared} onChange={({ target }) => setShared(target.checked)}>
        {t("views.shared")}
      </Checkbox>
      <Button
        disabled={!name.trim()}
        loading={going}
        onClick={() => void once(() => save().catch(say.failed))}
      >
        {t("views.save")}
      </Button>
    </div>
  );
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t("views.title")}
      content={content}
      open={open}
      onOpenChange={setOpen}
    >
      <Button icon={<StarOutlined />}>{t("views.title")}</Button>
    </Popover>
  );
}
