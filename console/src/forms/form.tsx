import { App, Button, Drawer, Form, type FormInstance, Space } from "antd";
import { type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, type Problem } from "@/api/problem";
import { ProblemNote } from "@/ui/problem";

/**
 * A form beside what it changes: one column, labels above, the button says the verb. What the
 * server refuses stands beside its field, or on top where it is of none. Cards and passwords typed
 * into it live in it only while it is open.
 */
export function FormPanel<Values extends object>({
  title,
  about,
  verb,
  open,
  onClose,
  initial,
  send,
  danger,
  children,
}: {
  title: string;
  about?: ReactNode;
  /** What the button says: a verb, with what it is done to. */
  verb: string;
  open: boolean;
  onClose: () => void;
  initial?: Partial<Values>;
  /**
   * Send it; what it throws is shown. Close the form where it was taken. `sure`: the server asked
   * whether an unusual number is meant, and the person said yes; send it as the body's `sure`.
   */
  send: (values: Values, sure: boolean) => Promise<void>;
  danger?: boolean;
  children: ReactNode;
}) {
  const { t } = useTranslation("shell");
  const wayOut = useWayOut();
  const [form] = Form.useForm<Values>();
  const { sending, error, submit, forget } = useSending(form, send);
  const { modal } = App.useApp();
  const box = useRef<HTMLDivElement>(null);
  const close = () => {
    const leave = () => {
      forget();
      onClose();
    };
    if (!form.isFieldsTouched()) leave();
    else
      modal.confirm({
        title: t("form.leave"),
        content: t("form.leave_hint"),
        okText: t("form.discard"),
        cancelText: t("form.stay"),
        onOk: leave,
      });
  };
  return (
    <Drawer
      title={title}
      open={open}
      onClose={close}
      size={480}
      styles={{ wrapper: { maxWidth: "100vw" } }}
      destroyOnHidden
      afterOpenChange={(opened) => opened && focusFirst(box.current)}
      footer={
        <Space>
          <Button type="primary" danger={danger ?? false} loading={sending} onClick={form.submit}>
            {verb}
          </Button>
          <Button onClick={close}>{wayOut(verb)}</Button>
        </Space>
      }
    >
      {about && <p className="soft">{about}</p>}
      <Form<Values>
        form={form}
        layout="vertical"
        requiredMark="optional"
        preserve={false}
        {...(initial ? { initialValues: initial } : {})}
        onFinish={submit}
        scrollToFirstError={{ focus: true }}
      >
        <div style={{ marginBottom: error ? 16 : 0 }}>
          <ProblemNote error={error} />
        </div>
        <div ref={box}>{children}</div>
        <button type="submit" hidden tabIndex={-1} aria-hidden="true" />
      </Form>
    </Drawer>
  );
}

const FIELDS = "input:not([type=hidden], [type=file]), textarea";

/** Somebody with a keyboard goes on typing; where there is none, it would hide half of the form. */
function focusFirst(box: HTMLElement | null): void {
  if (box === null || box.contains(document.activeElement)) return;
  if (!window.matchMedia("(hover: hover)").matches) return;
  const fields = [...box.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(FIELDS)];
  fields.find((field) => !field.disabled && !field.readOnly)?.focus();
}

// Quantities and prices far from what is usual: asked about, and sent again if they are meant.
const ASKED_ABOUT: readonly string[] = ["looks_mistyped", "purchase_confirm_needed"];

/** Put what is refused beside its fields; tells whether every part of it found one. */
function beside<Values extends object>(form: FormInstance<Values>, problem: Problem): boolean {
  const nameOf = (at: string) => at.replace(/^\//, "");
  const found = problem.fields.filter((field) => form.getFieldInstance(nameOf(field.at) as never));
  form.setFields(
    found.map((field) => ({ name: nameOf(field.at) as never, errors: [field.detail] })),
  );
  return found.length > 0 && found.length === problem.fields.length;
}

/** Ask whether an unusual number is meant: each is named, with what is usual. */
export function useWhetherMeant(): (problem: Problem) => Promise<boolean> {
  const { t } = useTranslation("shell");
  const { modal } = App.useApp();
  return async (problem) =>
    modal.confirm({
      title: t("form.unusual"),
      content: (
        <ul className="plain-steps">
          {problem.fields.map((field) => (
            <li key={`${field.at} ${field.code}`}>{field.detail}</li>
          ))}
        </ul>
      ),
      okText: t("form.meant"),
      cancelText: t("form.check"),
      focusable: { autoFocusButton: "cancel" },
    });
}

/** Send a form, and put what is refused beside the fields it is of. */
export function useSending<Values extends object>(
  form: FormInstance<Values>,
  send: (values: Values, sure: boolean) => Promise<void>,
): {
  sending: boolean;
  error: unknown;
  submit: (values: Values) => Promise<void>;
  forget: () => void;
} {
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const askWhetherMeant = useWhetherMeant();
  const attempt = async (values: Values, sure: boolean) => {
    setSending(true);
    setError(null);
    try {
      await send(values, sure);
    } catch (refused) {
      const problem = asProblem(refused);
      if (ASKED_ABOUT.includes(problem.code) && !sure) {
        setSending(false);
        if (await askWhetherMeant(problem)) await attempt(values, true);
        return;
      }
      setError(beside(form, problem) ? null : problem);
    } finally {
      setSending(false);
    }
  };
  const submit = (values: Values) => attempt(values, false);
  return { sending, error, submit, forget: () => setError(null) };
}

/** What leaves things as they are: not 取消 where that is what the deed itself is called. */
function useWayOut(): (verb: string) => string {
  const { t } = useTranslation("shell");
  return (verb) => t(verb.includes(t("do.cancel")) ? "do.not_now" : "do.cancel");
}

/** Ask before something that can't be taken back; the button says the verb. */
export function useConfirm(): (ask: {
  title: string;
  about?: ReactNode;
  verb: string;
  danger?: boolean;
  send: () => Promise<void>;
}) => void {
  const wayOut = useWayOut();
  const { modal, notification } = App.useApp();
  return ({ title, about, verb, danger, send }) => {
    modal.confirm({
      title,
      content: about,
      okText: verb,
      cancelText: wayOut(verb),
      okButtonProps: { danger: danger ?? false },
      onOk: async () => {
        try {
          await send();
        } catch (refused) {
          const problem = asProblem(refused);
          notification.error({ title: problem.title, description: problem.detail, duration: 10 });
        }
      },
    });
  };
}
