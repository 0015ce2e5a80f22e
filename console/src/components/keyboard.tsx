import { Modal } from "antd";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type Keys, useKeys } from "@/ui/keys";
import { useSite } from "./navigation";

/** The keys that work everywhere, and the list of them behind `?`. */
export function Keyboard() {
  const { t } = useTranslation("shell");
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const goes = useSite()
    .flatMap(({ pages }) => pages)
    .flatMap((page) => (page.go ? [{ page, key: page.go }] : []));
  const keys: Keys = {
    "?": () => setOpen(true),
    ...Object.fromEntries(goes.map(({ page, key }) => [`g ${key}`, () => navigate(page.path)])),
  };
  useKeys(keys);
  const rows: [string, string][] = [
    ["?", t("keys.help")],
    ["/", t("keys.search")],
    ["j", t("keys.next_row")],
    ["k", t("keys.previous_row")],
    ["Enter", t("keys.open_row")],
    ["Esc", t("keys.close")],
    ...goes.map(({ page, key }): [string, string] => [
      `g ${key}`,
      `${t("keys.go")} ${t(`pages.${page.name}`)}`,
    ]),
  ];
  return (
    <Modal title={t("keys.title")} open={open} onCancel={() => setOpen(false)} footer={null}>
      <dl className="facts">
        {rows.map(([key, what]) => (
          <Fragment key={key}>
            <dt>
              {key.split(" ").map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </Fragment>
        ))}
      </dl>
    </Modal>
  );
}
