import { Skeleton } from "antd";
import { lazy, Suspense } from "react";

const Picker = lazy(() => import("./day-picker"));

export interface DayProps {
  /** In a Form.Item its own label is enough: it passes id, value and onChange. */
  label?: string;
  id?: string;
  /** "2026-11-23"; of the shop's days. */
  value?: string | undefined;
  onChange?: (day: string | undefined) => void;
  min?: string | undefined;
  max?: string | undefined;
  /** Always one: it can be changed, not removed. */
  needed?: boolean;
  width?: number;
}

/** A day of the shop's, in the reader's words. The calendar comes when it is wanted. */
export function Day(props: DayProps) {
  return (
    <Suspense fallback={<Skeleton.Input style={{ width: props.width ?? 140 }} />}>
      <Picker {...props} />
    </Suspense>
  );
}
