import "@/theme/stock.css";
import { keepPreviousData } from "@tanstack/react-query";
import { Button, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { useMay } from "@/api/me";
import type { components } from "@/api/schema";
import { ReservationExtend, ReservationRelease } from "@/forms/reservation-end";
import { ReservationNew } from "@/forms/reservation-new";
import { Choice } from "@/table/filters";
import { List } from "@/table/list";
import { oneOf, text, useUrl } from "@/table/url";
import { Act } from "@/ui/act";
import { Badge, useChoices } from "@/ui/badge";
import { Empty } from "@/ui/empty";
import { Count } from "@/ui/money";
import { Page } from "@/ui/page";
import { Time } from "@/ui/time";

export type Reservation = components["schemas"]["ReservationOut"];

const QUERY = { state: oneOf("held", "used", "released"), before: text, show: oneOf("new") };

/** What is promised to somebody, until when, and how much of it is still kept. */
export default function Reservations() {
  const { t } = useTranslation("stock");
  const may = useMay();
  const [{ show, ...query }, change] = useUrl(QUERY);
  const [extending, setExtending] = useState<Reservation | null>(null);
  const [releasing, setReleasing] = useState<Reservation | null>(null);
  const asked = api.useQuery(
    "get",
    "/v1/reservations",
    { params: { query } },
    { placeholderData: keepPreviousData },
  );
  const make = may("stock.move") && (
    <Button type="primary" onClick={() => change({ show: "new" })}>
      {t("reservations.new")}
    </Button>
  );
  return (
    <Page title={t("reservations.title")} about={t("reservations.about")} acts={make}>
      <List<Reservation>
        name="reservations"
        label={t("reservations.label")}
        rows={asked.data?.reservations}
        keyOf={({ id }) => id}
        asked={asked}
        change={change}
        cursor={{ name: "before", at: query.before, next: asked.data?.next_before }}
        filtered={query.state !== undefined}
        onClear={() => change({ state: null })}
        filters={
          <Choice
            label={t("reservations.state")}
            value={query.state}
            choices={useChoices("reservation")}
            onChange={(state) => change({ state })}
          />
        }
        columns={[
          { name: "reason", title: t("reservations.reason"), of: ({ reason }) => reason },
          { name: "sku", title: t("reservations.sku"), of: ({ sku }) => sku.name },
          {
            name: "kept",
            title: t("reservations.kept"),
            of: ({ kept }) => <Count value={kept} />,
            figures: true,
          },
          {
            name: "quantity",
            title: t("reservations.quantity"),
            of: ({ quantity }) => <Count value={quantity} />,
            figures: true,
          },
          {
            name: "until",
            title: t("reservations.until"),
            of: (row) => <Time at={row.until_at} />,
          },
          {
            name: "state",
            title: t("reservations.state"),
            of: ({ state }) => <Badge of="reservation" value={state} />,
          },
          { name: "by", title: t("reservations.by"), of: ({ by }) => by },
          {
            name: "ended",
            title: t("reservations.ended"),
            of: (row) => <Time at={row.ended_at} />,
            optional: true,
          },
          {
            name: "acts",
            title: t("reservations.acts"),
            of: (row) => {
              const act = {
                can: row.can,
                size: "small" as const,
                why: row.state === "held" ? t("lots.why_role") : t("reservations.why_ended"),
              };
              return (
                <Space size={4}>
                  <Act {...act} does="extend" onClick={() => setExtending(row)}>
                    {t("reservations.extend")}
                  </Act>
                  <Act {...act} does="release" onClick={() => setReleasing(row)}>
                    {t("reservations.release")}
                  </Act>
                </Space>
              );
            },
          },
        ]}
        empty={
          <Empty title={t("reservations.empty")} act={make}>
            {t("reservations.empty_hint")}
          </Empty>
        }
      />
      <ReservationNew open={show === "new"} onClose={() => change({ show: null })} />
      <ReservationExtend of={extending} onClose={() => setExtending(null)} />
      <ReservationRelease of={releasing} onClose={() => setReleasing(null)} />
    </Page>
  );
}
