import { theme as antd, type ThemeConfig } from "antd";
import { CODE_FONTS, DARK, FONTS, LIGHT } from "./tokens";

const MOTION = "(prefers-reduced-motion: reduce)";

/** Ant Design in our own colours, dense: what every component is drawn from. */
export function themeOf(dark: boolean): ThemeConfig {
  const colours = dark ? DARK : LIGHT;
  return {
    hashed: false, // there is one Ant Design here
    cssVar: { key: "kashu" }, // the class of <html>: its variables are everybody's
    algorithm: [dark ? antd.darkAlgorithm : antd.defaultAlgorithm, antd.compactAlgorithm],
    token: {
      colorPrimary: colours.accent,
      colorLink: dark ? "#5FD0B5" : "#0B6B58",
      colorPrimaryHover: dark ? "#5FD0B5" : "#0B6B58", // darker, not paler: what it says stays readable
      colorError: dark ? "#FF8A57" : "#C2410C",
      colorWarning: dark ? "#E0B04A" : "#8A5A00",
      controlItemBgActive: colours.chosen,
      controlItemBgHover: colours.quiet,
      colorWarningBg: dark ? "#2E2613" : "#FFF6E0",
      colorWarningBorder: dark ? "#6B5620" : "#E2C27A",
      colorErrorBg: dark ? "#371C10" : "#FFF1EB",
      colorErrorBorder: dark ? "#8A4526" : "#F3B091",
      colorSuccess: colours.good,
      colorSuccessBg: colours.chosen,
      colorInfo: colours.accent,
      colorInfoBg: colours.chosen, // derived ones are grey
      colorInfoBorder: dark ? "#2E6556" : "#A9D5C8",
      colorPrimaryBg: colours.chosen,
      colorTextBase: colours.text,
      colorBgBase: colours.card,
      colorBgLayout: colours.page,
      colorBgContainer: colours.card,
      colorBgElevated: dark ? "#1C2622" : "#FFFFFF",
      colorBorder: dark ? "#4A5953" : "#9AA8A2", // 3:1 around what can be typed into
      colorBorderSecondary: colours.line,
      colorTextSecondary: colours.soft,
      colorTextTertiary: colours.soft, // Ant's own third grey is too pale to be read
      colorTextDescription: colours.soft,
      colorTextPlaceholder: dark ? "#8C9C96" : "#66756F",
      colorTextDisabled: dark ? "#8C9C96" : "#66756F",
      fontFamily: FONTS,
      fontFamilyCode: CODE_FONTS,
      fontSize: 15, // compact makes it 13
      borderRadius: 6,
      controlHeight: 32,
      motion: !window.matchMedia(MOTION).matches,
      motionDurationFast: "0.08s",
      motionDurationMid: "0.12s",
      motionDurationSlow: "0.15s",
    },
    components: {
      Table: {
        cellPaddingBlockSM: 6,
        cellPaddingInlineSM: 10,
        headerBg: colours.quiet,
        headerColor: colours.soft,
        rowHoverBg: colours.quiet,
        rowSelectedBg: colours.chosen,
        rowSelectedHoverBg: colours.chosen,
        headerBorderRadius: 0,
      },
      Menu: {
        itemHeight: 32,
        itemMarginBlock: 1,
        itemSelectedBg: colours.chosen,
        subMenuItemSelectedColor: dark ? "#8FE3CD" : "#0A5F4E",
        itemSelectedColor: dark ? "#8FE3CD" : "#0A5F4E",
      },
      Button: dark ? { primaryColor: "#06140F" } : {},
      Layout: {
        siderBg: colours.card,
        headerBg: colours.card,
        headerPadding: "0 16px",
        headerHeight: 48,
      },
      Form: { itemMarginBottom: 16, verticalLabelPadding: "0 0 4px" },
    },
  };
}
