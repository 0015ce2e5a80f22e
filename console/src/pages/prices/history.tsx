import { Skeleton } from "antd";
import { lazy, Suspense } from "react";

const HistoryChart = lazy(() => import("./history-chart"));

/** How an offer's price moved. The chart comes when it is wanted. */
export function History(props: { offer: string; currency: string }) {
  return (
    <Suspense fallback={<Skeleton active />}>
      <HistoryChart {...props} />
    </Suspense>
  );
}
