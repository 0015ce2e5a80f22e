/** Our own colours: teal acts, vermilion alarms, greys are all the rest. Contrast AA in both. */
export const LIGHT = {
  accent: "#0E7C66",
  alarm: "#C2410C", // #D9480F is drawn, this is written: 5.2:1 on white
  alarmFill: "#D9480F",
  warn: "#8A5A00",
  good: "#0E7C66",
  text: "#16211E",
  soft: "#51605B",
  page: "#F4F6F5",
  card: "#FFFFFF",
  line: "#DCE3E0",
  quiet: "#EEF3F1",
  chosen: "#E3F1ED",
} as const;

export const DARK = {
  accent: "#3BC4A4",
  alarm: "#FF8A57",
  alarmFill: "#D9480F",
  warn: "#E0B04A",
  good: "#4CC3A6",
  text: "#E7EEEB",
  soft: "#A3B3AD",
  page: "#0F1513",
  card: "#171F1C",
  line: "#2A3531",
  quiet: "#1E2824",
  chosen: "#1B3A32",
} as const;

/** The system's own fonts: none is loaded. */
export const FONTS =
  'system-ui, -apple-system, "PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", ' +
  '"Noto Sans CJK SC", "Noto Sans SC", sans-serif';
export const CODE_FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace";
