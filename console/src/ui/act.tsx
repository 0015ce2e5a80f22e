import { Button, type ButtonProps, Tooltip } from "antd";
import { useTranslation } from "react-i18next";

export interface ActProps extends Omit<ButtonProps, "disabled"> {
  /** What the server says can be done with the row; without it the button is always there. */
  can?: readonly string[];
  /** Which of these this button is. */
  does?: string;
  /** Why it can't be done now, where that is known better than "not now". */
  why?: string | undefined;
}

/** A button that obeys the server's `can`, and says why where it can't. */
export function Act({ can, does, why, children, onClick, ...others }: ActProps) {
  const { t } = useTranslation("shell");
  const allowed = can === undefined || does === undefined || can.includes(does);
  if (allowed) {
    return (
      <Button {...others} {...(onClick ? { onClick } : {})}>
        {children}
      </Button>
    );
  }
  // Not `disabled`: what can't be focused can't tell a keyboard or a screen reader why.
  return (
    <Tooltip title={why ?? t("can.not_now")}>
      <Button {...others} aria-disabled className="ant-btn-disabled" onClick={stop}>
        {children}
      </Button>
    </Tooltip>
  );
}

function stop(event: { preventDefault: () => void; stopPropagation: () => void }): void {
  event.preventDefault();
  event.stopPropagation();
}
