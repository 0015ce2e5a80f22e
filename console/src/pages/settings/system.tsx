import "@/theme/settings.css";
import { Alert, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { paths } from "@/paths";
import { Fact, Facts } from "@/ui/facts";
import { Figure } from "@/ui/figure";
import { Count } from "@/ui/money";
import { Page } from "@/ui/page";
import { Part } from "@/ui/part";
import { ProblemNote } from "@/ui/problem";
import { Time, useNow } from "@/ui/time";
import { formatBytes, formatSpan } from "@/util/sizes";
import { language } from "@/words";
import { Keys } from "./system-keys";
import { Proof } from "./system-proof";

type System = components["schemas"]["SystemStanding"];

const POLL_MS = 15_000; // nothing tells of queues and workers by itself
const LATE_S = 60; // a queue's first that waits longer is worth a look
const BACKUP_OLD_H = 48;

/** How the program is doing: what is wrong first, then everything that is known. */
export default function SystemPage() {
  const { t } = useTranslation("system");
  const asked = api.useQuery("get", "/v1/system", {}, { refetchInterval: POLL_MS });
  const system = asked.data;
  return (
    <Page
      title={t("title")}
      about={
        system && (
          <>
            {t("as_of")} <Time at={system.at} exact />
          </>
        )
      }
    >
      <ProblemNote error={asked.error} again={() => void asked.refetch()} />
      {asked.isPending && <Skeleton active />}
      {system && (
        <div className="system">
          <Worries system={system} />
          <Strip system={system} />
          <Proof />
          <Queues system={system} />
          <Sweeps system={system} />
          <Stored system={system} />
          <Keys keys={system.keys} />
        </div>
      )}
    </Page>
  );
}

/** What somebody must look after, in sentences; or that there is nothing. */
function Worries({ system }: { system: System }) {
  const { t } = useTranslation("system");
  const now = useNow();
  const unled = system.sweeps.filter((sweep) => !sweep.led).length;
  const backup = system.last_backup_at;
  const age_h = backup ? (now - Date.parse(backup)) / 3_600_000 : null;
  const worries = [
    system.workers === 0 && t("worry.no_worker"),
    system.workers > 0 && unled > 0 && t("worry.unled", { count: unled }),
    system.verify?.ok === false && t("worry.broken"),
    system.verify === null && t("worry.unproved"),
    backup === null && t("worry.no_backup"),
    age_h !== null &&
      age_h > BACKUP_OLD_H &&
      t("worry.old_backup", { days: Math.floor(age_h / 24) }),
    system.keys.under_an_earlier_master > 0 && t("worry.earlier_master"),
  ].filter((worry) => worry !== false);
  if (worries.length === 0) return <Alert type="success" showIcon title={t("fine")} />;
  const grave = system.workers === 0 || system.verify?.ok === false;
  return (
    <Alert
      type={grave ? "error" : "warning"}
      showIcon
      title={t("worries", { count: worries.length })}
      description={
        <ul className="plain-steps">
          {worries.map((worry) => (
            <li key={worry}>{worry}</li>
          ))}
        </ul>
      }
    />
  );
}

function Strip({ system }: { system: System }) {
  const { t } = useTranslation("system");
  const due = system.queues.reduce((sum, queue) => sum + queue.due, 0);
  const longest = Math.max(0, ...system.queues.map((queue) => queue.waiting_s));
  return (
    <div className="figures-strip">
      <Figure
        name={t("figure.workers")}
        means={t("figure.workers_means")}
        value={<Count value={system.workers} />}
        alarm={system.workers === 0}
      />
      <Figure
        name={t("figure.due")}
        means={t("figure.due_means")}
        value={<Count value={due} />}
        note={longest > 0 && t("figure.longest", { long: formatSpan(longest, language()) })}
        to={paths.desk()}
      />
      <Figure
        name={t("figure.backup")}
        means={t("figure.backup_means")}
        value={system.last_backup_at ? <Time at={system.last_backup_at} /> : t("figure.unknown")}
        note={system.last_backup_bytes !== null && formatBytes(system.last_backup_bytes)}
        alarm={system.last_backup_at === null}
      />
      <Figure
        name={t("figure.database")}
        means={t("figure.database_means")}
        value={formatBytes(system.database.bytes)}
        note={`PostgreSQL ${system.database.version.split(" ")[0]}`}
      />
      <Figure name={t("figure.version")} value={system.version} />
    </div>
  );
}

function Queues({ system }: { system: System }) {
  const { t } = useTranslation("system");
  return (
    <Part title={t("queues.title")}>
      <p className="soft">{t("queues.about")}</p>
      <div className="guide-wide">
        <table className="sums">
          <thead>
            <tr>
              <th>{t("queues.name")}</th>
              <td>{t("queues.due")}</td>
              <td>{t("queues.waiting")}</td>
            </tr>
          </thead>
          <tbody>
            {system.queues.map((queue) => (
              <tr key={queue.name}>
                <th scope="row">
                  {t(`queue.${queue.name}` as never, { defaultValue: queue.name })}
                </th>
                <td className="figures">
                  <Count value={queue.due} />
                </td>
                <td className={queue.waiting_s > LATE_S ? "figures alarm" : "figures soft"}>
                  {queue.due > 0 ? formatSpan(queue.waiting_s, language()) : "—"}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Part>
  );
}

/** What the workers look after: those that nobody does first. */
function Sweeps({ system }: { system: System }) {
  const { t } = useTranslation("system");
  const unled = system.sweeps.filter((sweep) => !sweep.led);
  return (
    <Part title={t("sweeps.title")}>
      <p className={unled.length > 0 ? "alarm" : "soft"}>
        {unled.length > 0
          ? t("sweeps.unled", { count: unled.length })
          : t("sweeps.led", { count: system.sweeps.length })}
      </p>
      <details>
        <summary>{t("sweeps.all")}</summary>
        <ul className="system-sweeps">
          {[...unled, ...system.sweeps.filter((sweep) => sweep.led)].map((sweep) => (
            <li key={sweep.name}>
              <span>{t(`sweep.${sweep.name}` as never, { defaultValue: sweep.name })}</span>
              <span className={sweep.led ? "soft" : "alarm"}>
                {sweep.led ? t("sweeps.every", { s: sweep.every_s }) : t("sweeps.nobody")}
              </span>
            </li>
          ))}
        </ul>
      </details>
    </Part>
  );
}

function Stored({ system }: { system: System }) {
  const { t } = useTranslation("system");
  return (
    <Part title={t("stored.title")}>
      <Facts>
        <Fact name={t("stored.backup")}>
          {system.last_backup_at ? (
            <Time at={system.last_backup_at} exact />
          ) : (
            <span className="alarm">{t("stored.no_backup")}</span>
          )}
        </Fact>
        <Fact name={t("stored.started")}>
          <Time at={system.database.started_at} />
        </Fact>
        <Fact name={t("stored.server")}>PostgreSQL {system.database.version}</Fact>
      </Facts>
      <p className="soft" style={{ margin: "8px 0 0" }}>
        {t("stored.how")} <code className="code">kashu backup kashu-2026-11-23.backup</code>{" "}
        <Link to={paths.guide("staff-and-security")}>{t("stored.guide")}</Link>
      </p>
    </Part>
  );
}
