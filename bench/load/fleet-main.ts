import { Fleet, type FleetPlan, type FleetState } from './fleet.ts'

// A fleet in a process of its own. It is asked over the channel of its parent, and answers each question once.

/** What it is asked. */
export type FleetQuestion =
  | { readonly ask: 'connect'; readonly plan: FleetPlan }
  | { readonly ask: 'send'; readonly messages: number }
  | { readonly ask: 'state' }

let fleet: Fleet | undefined

process.on('message', (question: FleetQuestion) => {
  answer(question).then(
    (state) => process.send?.({ state }),
    (thrown: unknown) => process.send?.({ failure: String(thrown) }),
  )
})
process.on('disconnect', () => process.exit(0))

async function answer(question: FleetQuestion): Promise<FleetState> {
  if (question.ask === 'connect') {
    fleet = new Fleet(question.plan)
    await fleet.connect()
  }
  if (question.ask === 'send') fleet?.willSend(question.messages)
  return fleet?.state() ?? { signedIn: 0, done: 0, attempts: 0 }
}
