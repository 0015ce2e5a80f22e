// What console/guides.ts makes of docs/guides and docs/concepts.
interface ShippedGuide {
  readonly name: string;
  readonly kind: "guide" | "concept";
  /** In which language it is: English where there is no Chinese one. */
  readonly language: "zh" | "en";
  readonly title: string;
  /** Markdown, without its title. */
  readonly text: string;
}

declare module "virtual:guides/zh" {
  const guides: readonly ShippedGuide[];
  export default guides;
}
declare module "virtual:guides/en" {
  const guides: readonly ShippedGuide[];
  export default guides;
}
