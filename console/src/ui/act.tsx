import { Button, type ButtonProps, Tooltip } from "antd";
import { type MouseEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

export interface ActProps extends Omit<ButtonProps, "disabled" | "onClick"> {
  /** What it does. Where that is a promise, the button shows so and can't be pressed meanwhile. */
  onClick?: (event: MouseEvent<HTMLElement>) => unknown;
  /** What the server says can be done with the row; without it the button is always there. */
  can?: readonly string[];
  /** Which of these this button is. */
  does?: string;
  /** Why it can't be done now, where that is known better than "not now". */
  why?: string | undefined;
}

/** A button that obeys the server's `can`, and says why where it can't. */
export function Act({ can, does, why, children, onClick, loading, ...others }: ActProps) {
  const { t } = useTranslation("shell");
  const { going, once } = useGoing();
  const allowed = can === undefined || does === undefined || can.includes(does);
  if (allowed) {
    return (
      <Button
        {...others}
        loading={loading || going}
        {...(onClick ? { onClick: (event) => void once(() => onClick(event)) } : {})}
      >
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

/** Do something once: what is pressed again before it is over does nothing. */
export function useGoing(): { going: boolean; once: (act: () => unknown) => Promise<void> } {
  const begun = useRef(false); // at once, where the state comes with the next drawing
  const [going, setGoing] = useState(false);
  const once = async (act: () => unknown) => {
    if (begun.current) return;
    const done = act();
    if (!(done instanceof Promise)) return;
    begun.current = true;
    setGoing(true);
    try {
      await done;
    } finally {
      begun.current = false;
      setGoing(false);
    }
  };
  return { going, once };
}

function stop(event: { preventDefault: () => void; stopPropagation: () => void }): void {
  event.preventDefault();
  event.stopPropagation();
}
