/** What a thing is called; `nameEn` null where nobody gave it an English name. */
export interface Named {
  readonly id: string
  readonly name: string
  readonly nameEn: string | null
}
