import { computed } from '@preact/signals'
import { catalogue } from './catalogue.ts'

const { demoName, demoPassword } = document.documentElement.dataset

/** Whom to sign in as where the server runs the demonstration, as its document says; undefined in real operation. */
export const demonstration =
  demoName === undefined || demoPassword === undefined
    ? undefined
    : ({ name: demoName, password: demoPassword } as const)

/** True while anything on this page may be of a demonstration. */
export const hasDemo = computed(
  () =>
    demonstration !== undefined ||
    [...(catalogue.value?.organisations.values() ?? [])].some(({ demo }) => demo),
)
