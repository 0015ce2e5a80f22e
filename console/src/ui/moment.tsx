import { Skeleton } from "antd";
import { lazy, Suspense } from "react";

const Picker = lazy(() => import("./moment-picker"));

export interface MomentProps {
  label: string;
  id?: string;
  /** An instant, as the API writes it. */
  value?: string | undefined;
  onChange?: (at: string | undefined) => void;
}

/** A moment to the second, by the shop's clocks. */
export function Moment(props: MomentProps) {
  return (
    <Suspense fallback={<Skeleton.Input style={{ width: 200 }} />}>
      <Picker {...props} />
    </Suspense>
  );
}
