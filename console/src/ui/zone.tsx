import { Select, type SelectProps } from "antd";

const ZONES = Intl.supportedValuesOf("timeZone");

/** A time zone, found by typing a part of its name. `first`: what stands above them all. */
export function ZoneSelect({
  first,
  ...others
}: SelectProps<string> & { first?: { value: string; label: string } }) {
  const zones = ZONES.map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));
  const known =
    ZONES.includes(others.value ?? "") || !others.value || others.value === first?.value;
  const also = known || !others.value ? [] : [{ value: others.value, label: others.value }];
  return (
    <Select<string>
      {...others}
      showSearch={{ optionFilterProp: "label" }}
      options={[...(first ? [first] : []), ...also, ...zones]}
      style={{ minWidth: 240 }}
    />
  );
}
