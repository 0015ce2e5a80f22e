import { Progress as Bar, Button } from "antd";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMe } from "@/api/me";
import { Part } from "@/ui/part";
import { formatCount } from "@/util/money";
import { formatBytes } from "@/util/sizes";
import type { Stage } from "./previewed";
import type { Given, Report } from "./send";

const ASK_EVERY_MS = 500; // the server says how far it is twice a second

/** How far an import is: rows read, how fast, and what remains. */
export function Progress({ previewed, name }: { previewed: Report; name: string }) {
  const { t } = useTranslation("imports");
  const me = useMe();
  // Quiet: the import itself says how it ended.
  const asked = api.useQuery(
    "get",
    "/v1/imports",
    { params: { query: { state: "running", limit: 50 } } },
    { refetchInterval: ASK_EVERY_MS, gcTime: 0, staleTime: 0 },
  );
  const mine = asked.data?.imports.find(
    (each) => each.sha256 === previewed.sha256 && each.actor === me.actor,
  );
  const all = previewed.read;
  const read = Math.min(mine?.read ?? 0, all);
  const rate = mine ? rateOf(mine) : null;
  const stage = mine === undefined ? "sending" : read >= all ? "writing" : null;
  return (
    <Part label={t("progress.title", { name })}>
      <div className="import-head">
        <h2>{t("progress.title", { name })}</h2>
      </div>
      <Bar
        percent={all > 0 ? Math.round((read / all) * 100) : 0}
        status="active"
        aria-label={t("progress.title", { name })}
      />
      <p className="figures import-note" role="status">
        {stage
          ? t(`progress.${stage}`)
          : [
              t("progress.read", { read: formatCount(read), all: formatCount(all) }),
              rate && t("progress.rate", { rate: formatCount(rate) }),
              rate && t("progress.left", { seconds: Math.ceil((all - read) / rate) }),
            ]
              .filter(Boolean)
              .join(" · ")}
      </p>
      <p className="soft import-note">{t("progress.about")}</p>
    </Part>
  );
}

/** How far a check is, with a way to give it up. Before the server says anything: only that. */
export function CheckProgress({
  given,
  stage,
  stop,
}: {
  given: Given;
  stage: Stage | null;
  stop: () => void;
}) {
  const { t } = useTranslation("imports");
  const title =
    given.kind === "file" ? t("check.title", { name: given.file.name }) : t("check.title_pasted");
  return (
    <Part label={title}>
      <div className="import-head">
        <h2>{title}</h2>
        <span className="spring" />
        <Button onClick={stop}>{t("check.stop")}</Button>
      </div>
      <Bar percent={stage ? Math.floor(stage.share * 100) : 0} status="active" aria-label={title} />
      <p className="figures import-note" role="status">
        {useStageWords(stage, given)}
      </p>
      <p className="soft import-note">{t("check.about")}</p>
    </Part>
  );
}

function useStageWords(stage: Stage | null, given: Given): string {
  const { t } = useTranslation("imports");
  if (stage === null) return t("check.waiting");
  if (stage.name === "sending") {
    const size = given.kind === "file" ? given.file.size : 0;
    return t("check.sending", {
      sent: formatBytes(size * stage.share),
      all: formatBytes(size),
    });
  }
  const { read, share, ms } = stage;
  if (share >= 1) return t("check.comparing", { count: read });
  if (read === 0) return t("check.waiting");
  return [
    t("check.read", { count: read }),
    t("progress.rate", { rate: formatCount(Math.max(1, Math.round((read / ms) * 1000))) }),
    t("progress.left", { seconds: Math.ceil((ms * (1 - share)) / share / 1000) }),
  ].join(" · ");
}

/** Rows a second so far, by the server's own clock; null: too early to say. */
export function rateOf(shown: {
  read: number;
  started_at: string;
  beat_at: string;
}): number | null {
  const seconds = (Date.parse(shown.beat_at) - Date.parse(shown.started_at)) / 1000;
  return seconds > 0 && shown.read > 0 ? Math.max(1, Math.round(shown.read / seconds)) : null;
}
