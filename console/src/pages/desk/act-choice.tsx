import { Button, Modal } from "antd";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useKeys } from "@/ui/keys";
import type { CanDo, Matter } from "./kinds";

/** What can be done about a row, by number: A, then 1, or Enter for the first. */
export function ActChoice({
  row,
  onClose,
  onChoose,
}: {
  row: Matter | undefined;
  onClose: () => void;
  onChoose: (can: CanDo, row: Matter) => void;
}) {
  const { t } = useTranslation("desk");
  const first = useRef<HTMLButtonElement>(null);
  const choose = (can: CanDo | undefined) => {
    if (row === undefined || can === undefined) return;
    onClose();
    onChoose(can, row);
  };
  const numbers = (row?.can ?? []).map((can, place): [string, () => void] => [
    String(place + 1),
    () => choose(can),
  ]);
  useKeys(Object.fromEntries(numbers));
  return (
    <Modal
      title={t("choice.title")}
      open={row !== undefined}
      onCancel={onClose}
      footer={null}
      // The dialog takes the focus to its ×; what is chosen by Enter is the first act.
      afterOpenChange={(open) => open && first.current?.focus()}
      destroyOnHidden
    >
      {row && (
        <div className="desk-choice">
          <p>{row.what}</p>
          {row.can.length === 0 && <p className="soft">{row.blocked || t("choice.none")}</p>}
          {row.can.map((can, place) => (
            <Button
              key={can.act}
              ref={place === 0 ? first : null}
              block
              onClick={() => choose(can)}
            >
              <kbd>{place + 1}</kbd>{" "}
              {t(`go.${can.operation}` as never, { defaultValue: t(`acts.${can.act}`) })}
            </Button>
          ))}
        </div>
      )}
    </Modal>
  );
}
