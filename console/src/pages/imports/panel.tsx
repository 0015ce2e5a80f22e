import { Alert, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import { paths } from "@/paths";
import { Act } from "@/ui/act";
import { Badge } from "@/ui/badge";
import { Fact, Facts } from "@/ui/facts";
import { Count } from "@/ui/money";
import { Panel } from "@/ui/panel";
import { ProblemNote } from "@/ui/problem";
import { Time } from "@/ui/time";
import { type Import, nameOf } from "./list";
import { rateOf } from "./progress";
import { Tally } from "./tally";
import { useUndo } from "./undo";

const ASK_EVERY_MS = 1_000;

/** One import, beside the list: what came of each row, what is left, and the way back. */
export function ImportPanel({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const { t } = useTranslation("imports");
  const asked = api.useQuery(
    "get",
    "/v1/imports/{import_id}",
    { params: { path: { import_id: id ?? "" } } },
    {
      enabled: id !== undefined,
      refetchInterval: ({ state }) => (state.data?.state === "running" ? ASK_EVERY_MS : false),
    },
  );
  const one = id === undefined ? undefined : asked.data;
  return (
    <Panel
      title={one ? t("one.title", { name: nameOf(one) }) : ""}
      open={id !== undefined}
      onClose={onClose}
      acts={one && <UndoAct one={one} />}
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active />}
      {one && <Details one={one} />}
    </Panel>
  );
}

function Details({ one }: { one: Import }) {
  const { t } = useTranslation("imports");
  const skipped = one.read - one.accepted - one.rejected;
  const classes = Object.keys(one.classes).length > 0;
  const rate = one.state === "running" ? rateOf(one) : null;
  const took = one.ended_at && (Date.parse(one.ended_at) - Date.parse(one.started_at)) / 1000;
  return (
    <>
      {one.state === "failed" && <Note type="warning" title={t("one.failed_about")} />}
      {one.state === "undone" && <Note type="info" title={t("one.undone_about")} />}
      <Facts>
        <Fact name={t("list.state")}>
          <Badge of="import" value={one.state} />
        </Fact>
        <Fact name={t("one.rows")}>
          <span className="figures">
            {t("one.rows_of", { count: one.read })}
            {rate && ` · ${t("progress.rate", { rate })}`}
          </span>
        </Fact>
        {one.state !== "running" && (
          <>
            <Fact name={t("list.accepted")}>
              <Count value={one.accepted} />
            </Fact>
            <Fact name={t("list.rejected")}>
              <Count value={one.rejected} />
            </Fact>
            <Fact name={t("one.skipped")}>
              <Count value={skipped} />
            </Fact>
          </>
        )}
        {one.state === "done" && (
          <Fact name={t("list.in_stock")}>
            <Count value={one.in_stock} />
          </Fact>
        )}
        <Fact name={t("list.sku")}>
          <Link to={paths.skus({ show: one.sku })}>{nameOf(one)}</Link>
        </Fact>
        <Fact name={t("list.file")}>{one.file_name || t("list.pasted")}</Fact>
        <Fact name={t("list.supplier")}>{one.supplier_name}</Fact>
        <Fact name={t("list.warehouse")}>{one.warehouse_name}</Fact>
        <Fact name={t("list.who")}>{one.actor_name ?? t("list.program")}</Fact>
        <Fact name={t("list.at")}>
          <Time at={one.started_at} exact />
        </Fact>
        {took !== null && took !== "" && (
          <Fact name={t("one.took")}>{t("one.seconds", { seconds: took.toFixed(1) })}</Fact>
        )}
      </Facts>
      {one.state === "done" && (
        <>
          <h2 className="desk-section">{t("one.why_not")}</h2>
          {classes ? <Tally classes={one.classes} /> : <p>{t("one.none_rejected")}</p>}
        </>
      )}
    </>
  );
}

function Note({ type, title }: { type: "warning" | "info"; title: string }) {
  return <Alert type={type} showIcon title={title} style={{ marginBottom: 12 }} />;
}

function UndoAct({ one }: { one: Import }) {
  const { t } = useTranslation("imports");
  const may = useMay();
  const undo = useUndo();
  const why = !may("stock.import")
    ? t("one.why_role")
    : one.state === "done"
      ? t("one.why_touched")
      : t("one.why_state");
  return (
    <Act danger can={one.can} does="undo" why={why} onClick={() => undo(one.id, one.accepted)}>
      {t("one.undo")}
    </Act>
  );
}
