import { App, type ButtonProps } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useMay } from "@/api/me";
import { asProblem } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import { type Acting, DeskAct } from "@/forms/desk-act";
import { useWhetherMeant } from "@/forms/form";
import { leadTo } from "@/leads";
import { useSay } from "@/ui/problem";
import { actOnMany, actOnOne, claim, leave, type Outcome, type Values } from "./acts";
import { AT_ONCE, bodyOf, ELSEWHERE, fieldsOf } from "./fields";
import { ACTS, type CanDo, keyOf, type Matter } from "./kinds";
import { Outcomes } from "./outcomes";

/** Something that is under way: an act, or being on rows and no more. */
export type Doing = CanDo["act"] | "take" | "leave";

export interface Deeds {
  /** Do something about rows: it is asked for what it needs, and who else is on them is told. */
  begin: (can: CanDo, rows: readonly Matter[]) => Promise<void>;
  /** Be on rows, so that others see it. */
  take: (rows: readonly Matter[]) => Promise<void>;
  leave: (rows: readonly Matter[]) => Promise<void>;
  /** What was begun and isn't answered yet; nothing else begins meanwhile. */
  doing: Doing | null;
  /** What is open at the moment: a form, or what came of many. */
  shown: React.ReactNode;
}

/** All that is done about rows of the desk. The server's states guard it: a claim is a courtesy. */
export function useDeeds(onDone: (rows: readonly Matter[]) => void): Deeds {
  const { t } = useTranslation("desk");
  const { modal } = App.useApp();
  const navigate = useNavigate();
  const say = useSay();
  const reread = useReread();
  const hold = useHold();
  const askWhetherMeant = useWhetherMeant();
  const [acting, setActing] = useState<Acting | null>(null);
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);
  const { doing, alone } = useAlone();

  const send = async ({ can, rows }: Acting, filled: Values, sure: boolean) => {
    const [row] = rows;
    if (row === undefined) return;
    const values = { ...bodyOf(can, row, filled), ...(sure ? { sure: true } : {}) };
    const obstacle = (code: string) => t(`obstacles.${code}` as never, { defaultValue: code });
    const done =
      rows.length > 1
        ? await actOnMany(can, rows, values, obstacle)
        : [{ row, said: await actOnOne(can, row, values, obstacle) }];
    setActing(null);
    const undone = done.filter(({ said }) => said !== "");
    setOutcomes(undone);
    if (undone.length < done.length) {
      say.done(t("done", { act: t(`acts.${can.act}`), count: done.length - undone.length }));
    }
    onDone(done.filter(({ said }) => said === "").map((each) => each.row));
    await reread();
  };
  const attempt = async (what: Acting, sure = false): Promise<void> => {
    try {
      await send(what, {}, sure);
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code !== "looks_mistyped" || sure) say.failed(error);
      else if (await askWhetherMeant(problem)) return attempt(what, true);
      await reread();
    }
  };
  const begin = async (can: CanDo, rows: readonly Matter[]) => {
    const [row] = rows;
    if (row === undefined) return;
    if (ELSEWHERE.has(can.operation)) {
      const to = row.link.id && leadTo(row.link.kind, { id: row.link.id, code: row.link.code });
      if (to) navigate(to);
      return;
    }
    const { held, others } = await hold(rows);
    if (others.length > 0) setOutcomes(others);
    if (held.length === 0) return;
    const what = { can, rows: held };
    if (fieldsOf(can).length > 0) setActing(what);
    else if (AT_ONCE.has(can.operation)) await attempt(what);
    else
      modal.confirm({
        title: held.length > 1 ? t("bulk.sure", { count: held.length }) : row.what,
        content: t(`sure.${can.operation}` as never, { defaultValue: t("sure.any") }),
        okText: t(`acts.${can.act}`),
        cancelText: t("do_nothing"),
        onOk: () => attempt(what),
      });
  };
  return {
    begin: (can, rows) => alone(can.act, () => begin(can, rows)),
    take: (rows) =>
      alone("take", async () => {
        const { others } = await hold(rows, true);
        if (others.length > 0) setOutcomes(others);
      }),
    leave: (rows) =>
      alone("leave", async () => {
        try {
          await leave(rows);
        } catch (error) {
          say.failed(error);
        }
        await reread();
      }),
    doing,
    shown: (
      <>
        <DeskAct acting={acting} onClose={() => setActing(null)} send={send} />
        <Outcomes outcomes={outcomes} onClose={() => setOutcomes([])} />
      </>
    ),
  };
}

/** One thing at a time: what is pressed while another is under way does nothing. */
function useAlone(): {
  doing: Doing | null;
  alone: (what: Doing, act: () => Promise<void>) => Promise<void>;
} {
  const begun = useRef(false); // at once, where the state comes with the next drawing
  const [doing, setDoing] = useState<Doing | null>(null);
  const alone = async (what: Doing, act: () => Promise<void>) => {
    if (begun.current) return;
    begun.current = true;
    setDoing(what);
    try {
      await act();
    } finally {
      begun.current = false;
      setDoing(null);
    }
  };
  return { doing, alone };
}

function useReread(): () => Promise<void> {
  const refresh = useRefresh();
  return () => refresh("/v1/desk", "/v1/desk/counts", "/v1/desk/notes");
}

/** Be on rows before something is done; where somebody else is, whether to take it over is asked. */
function useHold(): (
  rows: readonly Matter[],
  explicit?: boolean,
) => Promise<{ held: Matter[]; others: Outcome[] }> {
  const { t } = useTranslation("desk");
  const { modal } = App.useApp();
  const may = useMay();
  const say = useSay();
  const reread = useReread();
  return async (rows, explicit = false) => {
    if (!may(ACTS)) return { held: [...rows], others: [] };
    try {
      const told = await claim(rows);
      const held = rows.filter((_, place) => !told[place]?.problem);
      const others = rows.flatMap((row, place) => {
        const problem = told[place]?.problem;
        return problem ? [{ row, said: problem.detail, code: problem.code }] : [];
      });
      const [only] = others;
      if (rows.length === 1 && only?.code === "somebody_is_on_it") {
        const over = await modal.confirm({
          title: t("who.taken", { name: told[0]?.who?.name ?? "" }),
          content: only.said,
          okText: t("who.take_over"),
          cancelText: t("do_nothing"),
          focusable: { autoFocusButton: "cancel" },
        });
        await (over ? claim(rows, true) : undefined);
        await reread();
        return { held: over ? [...rows] : [], others: [] };
      }
      // What isn't the reader's kind to claim may still be theirs to do: "seen", say.
      const free = others.filter(({ code }) => code === "not_yours_to_do" && !explicit);
      // What is to be done opens at once: only who asked for no more than to be on it waits to see it.
      const seen = reread();
      if (explicit) await seen;
      return {
        held: [...held, ...free.map(({ row }) => row)],
        others: others.filter((each) => !free.includes(each)),
      };
    } catch (error) {
      say.failed(error);
      return { held: [], others: [] };
    }
  };
}

/** How a button shows what is under way: it turns, and the others wait. */
export function pressed(
  doing: Doing | null,
  what: Doing,
): Pick<ButtonProps, "loading" | "disabled"> {
  return { loading: doing === what, disabled: doing !== null && doing !== what };
}

/** The acts that all of some rows have in common, and that can be done to many at once. */
export function commonActs(rows: readonly Matter[]): CanDo[] {
  const [first, ...others] = rows;
  if (first === undefined) return [];
  return first.can.filter(
    (can) =>
      can.many_path !== null &&
      others.every((row) => row.can.some((each) => each.many === can.many && each.act === can.act)),
  );
}

export function isIn(rows: readonly Matter[], key: string | undefined): Matter | undefined {
  return rows.find((row) => keyOf(row) === key);
}
