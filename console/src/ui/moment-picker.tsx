import { DatePicker } from "antd";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import { useMe } from "@/api/me";
import { formatExact, instantIn } from "@/util/time";
import type { MomentProps } from "./moment";
import { TypedDate } from "./typed-date";

const WRITTEN = "YYYY-MM-DD HH:mm:ss";

/** What `Moment` shows once it is here: wherever the browser is, the hours are the shop's. */
export default function MomentPicker({ label, id, value, onChange }: MomentProps) {
  const { timezone } = useMe().tenant;
  const at = value ? formatExact(new Date(value), timezone) : undefined;
  const choose = (wall: string) => onChange?.(instantIn(timezone, wall).toISOString());
  const leave = (typed: string) => {
    if (dayjs(typed).format(WRITTEN) === typed && typed !== at) choose(typed);
  };
  return (
    <TypedDate onLeave={leave}>
      {(forget) => (
        <DatePicker
          {...(id ? { id } : {})}
          aria-label={label}
          title={`${label} · ${timezone}`}
          placeholder={label}
          showTime
          value={at ? dayjs(at) : null}
          format={WRITTEN}
          onChange={(moment) => {
            forget();
            if (moment) choose(moment.format(WRITTEN));
            else onChange?.(undefined);
          }}
          style={{ width: 200 }}
        />
      )}
    </TypedDate>
  );
}
