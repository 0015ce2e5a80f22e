import { DatePicker } from "antd";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import type { DayProps } from "./day";
import { TypedDate } from "./typed-date";

const WRITTEN = "YYYY-MM-DD";

/** What `Day` shows once it is here. */
export default function DayPicker({
  label,
  id,
  value,
  onChange,
  min,
  max,
  needed,
  width = 140,
}: DayProps) {
  const leave = (typed: string) => {
    const is = /^\d{4}-\d\d-\d\d$/.test(typed) && dayjs(typed).format(WRITTEN) === typed;
    const fits = (!min || typed >= min) && (!max || typed <= max);
    if (is && fits && typed !== value) onChange?.(typed);
  };
  return (
    <TypedDate onLeave={leave}>
      {(forget) => (
        <DatePicker
          {...(id ? { id } : {})}
          {...(label ? { "aria-label": label, title: label, placeholder: label } : {})}
          value={value ? dayjs(value) : null}
          format={WRITTEN}
          allowClear={!needed}
          {...(min ? { minDate: dayjs(min) } : {})}
          {...(max ? { maxDate: dayjs(max) } : {})}
          onChange={(day) => {
            forget();
            onChange?.(day ? day.format(WRITTEN) : undefined);
          }}
          style={{ width }}
        />
      )}
    </TypedDate>
  );
}
