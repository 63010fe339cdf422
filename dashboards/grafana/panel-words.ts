/** What a panel is called, and what it shows in plain words. */
export interface PanelWords {
  readonly title: string
  readonly description: string
}

/** Both of them. */
export function panelWords(title: string, description: string): PanelWords {
  return { title, description }
}
