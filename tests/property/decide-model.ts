// Deciding conflicts, by a model that keeps no row: of each identity the deliveries, by who is believed.

/** What a reading says. */
export interface Values {
  readonly temperature?: number
  readonly humidity?: number
  readonly doorOpen?: boolean
}
/** A field of them. */
export type Field = keyof Values
export const fields: readonly Field[] = ['temperature', 'humidity', 'doorOpen']
/** A reading of a message. */
export interface Item {
  readonly seq: number
  readonly values: Values
}
/** A step is a record; what is about another one names a message that was sent before. */
export type Step =
  | { readonly send: readonly Item[] }
  | { readonly again: number }
  | { readonly of: number; readonly item: number; readonly stands: 'held' | 'stored' }

/** A reading as it came. */
interface Delivery {
  readonly index: number
  readonly item: number
  readonly values: Values
}

/** One identity. What is believed of a field is what the foremost delivery says that tells it. */
class Model {
  readonly all: Delivery[] = []
  readonly #believed: Delivery[] = []
  /** Who told what stands; only for saying who was wrong. */
  readonly #toldBy = new Map<Field, ReadonlySet<Delivery>>()
  /** The one decided for by which the first was wrong, or else the first; it told all it says. */
  storedAs: Delivery | undefined
  readonly held = new Map<Delivery, 'waiting' | 'decided'>()

  value(field: Field): Values[Field] {
    return this.#believed.find(({ values }) => values[field] !== undefined)?.values[field]
  }

  take(delivery: Delivery): void {
    const wrong = this.#contradicts(delivery)
    if (wrong.length > 0) {
      this.held.set(delivery, 'waiting')
      return
    }
    this.held.delete(delivery)
    this.storedAs ??= delivery
    for (const field of fieldsOf(delivery)) {
      if (this.value(field) === undefined) this.#toldBy.set(field, new Set([delivery]))
    }
    this.#believed.push(delivery)
  }

  decide(delivery: Delivery, stands: 'held' | 'stored'): void {
    if (!this.held.has(delivery)) return
    if (stands === 'stored') {
      this.held.set(delivery, 'decided')
      return
    }
    const wrong = new Set(this.#contradicts(delivery).flatMap((field) => [...this.#tellers(field)]))
    if (wrong.size === 0) return this.take(delivery)
    this.held.delete(delivery)
    for (const each of wrong) if (!this.held.has(each)) this.held.set(each, 'decided')
    if (this.storedAs !== undefined && wrong.has(this.storedAs)) this.storedAs = delivery
    for (const field of fields) {
      const right = [...this.#tellers(field)].filter((each) => !wrong.has(each))
      const isSaid = delivery.values[field] !== undefined
      const needsTeller = right.length === 0 || delivery === this.storedAs
      if (isSaid && needsTeller) right.push(delivery)
      if (right.length > 0) this.#toldBy.set(field, new Set(right))
    }
    this.#believed.unshift(delivery)
  }

  #tellers(field: Field): ReadonlySet<Delivery> {
    return this.#toldBy.get(field) ?? new Set()
  }

  #contradicts(delivery: Delivery): readonly Field[] {
    return fieldsOf(delivery).filter((field) => {
      const value = this.value(field)
      return value !== undefined && value !== delivery.values[field]
    })
  }
}

function fieldsOf({ values }: Delivery): readonly Field[] {
  return Object.keys(values) as Field[]
}

/** The model of each of the two identities, `seq` 1 and 2, after all steps. */
export function modelsOf(steps: readonly Step[]): readonly [Model, Model] {
  const models = [new Model(), new Model()] as const
  const modelOf = (seq: number): Model => models[seq === 1 ? 0 : 1]
  const deliveries = new Map<string, [Model, Delivery]>()
  for (const [index, step] of steps.entries()) {
    if ('send' in step) {
      for (const [item, { seq, values }] of step.send.entries()) {
        const delivery = { index, item, values }
        const model = modelOf(seq)
        deliveries.set(`${index}.${item}`, [model, delivery])
        model.all.push(delivery)
        model.take(delivery)
      }
    } else if ('again' in step) {
      for (const [model, delivery] of deliveries.values()) {
        const isMeant = delivery.index === step.again && model.held.get(delivery) === 'waiting'
        if (isMeant) model.take(delivery)
      }
    } else {
      const [model, delivery] = deliveries.get(`${step.of}.${step.item}`) ?? []
      if (model !== undefined && delivery !== undefined) model.decide(delivery, step.stands)
    }
  }
  return models
}
