import { Alert, App, Button } from "antd";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api/problem";

/** What went wrong and what to do, where it happened; with a way to try again. */
export function ProblemNote({ error, again }: { error: unknown; again?: () => void }) {
  const { t } = useTranslation("shell");
  if (!error) return null;
  const problem = asProblem(error);
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={problem.title}
      description={
        <>
          <div>{problem.detail}</div>
          {problem.fields.map((field) => (
            <div key={`${field.at} ${field.code}`}>
              <span className="code">{field.at}</span> {field.detail}
            </div>
          ))}
          {problem.status >= 500 && problem.requestId && (
            <div className="soft code">{t("problem.request", { id: problem.requestId })}</div>
          )}
        </>
      }
      action={again && <Button onClick={again}>{t("do.retry")}</Button>}
    />
  );
}

/** A question that may not have been answered. */
interface Asked {
  readonly error: unknown;
  readonly refetch: () => unknown;
}

/** Several questions: what went wrong with the first that failed; again asks all that did. */
export function Failed({ of }: { of: readonly Asked[] }) {
  const failed = of.filter(({ error }) => error);
  const again = () => {
    for (const each of failed) each.refetch();
  };
  return <ProblemNote error={failed[0]?.error} again={again} />;
}

const PLACE = "bottomLeft"; // at the right it would lie over the buttons of a form

/** Say in a corner what happened: that it was done, or why it wasn't. */
export function useSay(): {
  done: (what: string, more?: string) => void;
  failed: (error: unknown) => void;
} {
  const { notification } = App.useApp();
  const done = useCallback(
    (title: string, description?: string) => {
      notification.success({ title, description, duration: 4, placement: PLACE });
    },
    [notification],
  );
  const failed = useCallback(
    (error: unknown) => {
      const { title, detail } = asProblem(error);
      notification.error({ title, description: detail, duration: 10, placement: PLACE });
    },
    [notification],
  );
  return { done, failed };
}
