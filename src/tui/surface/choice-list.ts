/** Something to choose from: numbers and arrows mark, Enter carries out. */
export interface ChoiceList {
  /** Under which its mark is kept. */
  readonly id: string
  readonly count: number
  /** Marked at first; `undefined` where nothing may be marked beforehand. */
  readonly initial: number | undefined
}
