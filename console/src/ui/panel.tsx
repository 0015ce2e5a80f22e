import { Drawer } from "antd";
import type { ReactNode } from "react";

/** Details beside the list, at an address of their own: the page decides from the URL. */
export function Panel({
  title,
  open,
  onClose,
  wide,
  acts,
  children,
}: {
  title: ReactNode;
  open: boolean;
  onClose: () => void;
  wide?: boolean;
  acts?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Drawer
      title={title}
      open={open}
      onClose={onClose}
      size={wide ? 760 : 520}
      styles={{ wrapper: { maxWidth: "100vw" } }}
      extra={acts}
      destroyOnHidden
    >
      {children}
    </Drawer>
  );
}
