import { Button, Modal } from "antd";
import { useTranslation } from "react-i18next";
import type { Outcome } from "./acts";
import { keyOf } from "./kinds";

/** What wasn't done, row by row, and why; what was done has left the desk. */
export function Outcomes({
  outcomes,
  onClose,
}: {
  outcomes: readonly Outcome[];
  onClose: () => void;
}) {
  const { t } = useTranslation("desk");
  const { t: shell } = useTranslation("shell");
  return (
    <Modal
      title={t("bulk.undone", { count: outcomes.length })}
      open={outcomes.length > 0}
      onCancel={onClose}
      footer={
        <Button type="primary" onClick={onClose}>
          {shell("do.close")}
        </Button>
      }
      destroyOnHidden
    >
      <ul className="plain-steps">
        {outcomes.map(({ row, said }) => (
          <li key={keyOf(row)}>
            {row.called && <span className="code">{row.called} </span>}
            {row.what}
            <br />
            <span className="alarm">{said}</span>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
