import { useEffect } from "react";

const tab = { title: "", mark: 0 };

function write(): void {
  document.title = tab.mark > 0 ? `(${tab.mark}) ${tab.title}` : tab.title;
}

/** What the tab is called while a page is open. */
export function useTitle(title: string): void {
  useEffect(() => {
    tab.title = title;
    write();
  }, [title]);
}

/** How many are urgent, before the tab's name: seen also from another tab. */
export function setTitleMark(count: number): void {
  tab.mark = count;
  write();
}
