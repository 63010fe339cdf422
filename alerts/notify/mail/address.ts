import { Problem } from '../../../domain/index.ts'

/** A sender or a recipient. */
export interface MailAddress {
  /** Shown beside the address; may be empty. */
  readonly name: string
  readonly address: string
}

/**
 * An address as it is written in practice. Quoted local parts, comments and address literals are left out: they are
 * what header injection is made of.
 */
const ADDRESS = /^[^\s<>()[\],;:\\"@\p{C}]{1,64}@[^\s<>()[\],;:\\"@\p{C}]{1,190}$/u
const WITH_NAME = /^([^<>@"\\,;:\p{C}]{1,64})<([^<>]+)>$/u

/** True when mail can be addressed to it. */
export function isMailAddress(text: string): boolean {
  return ADDRESS.test(text)
}

/** `Name <address>` or an address alone. Throws `Problem('configuration-invalid')` when it is neither. */
export function senderAddress(text: string): MailAddress {
  const [, name = '', within] = WITH_NAME.exec(text.trim()) ?? []
  const address = (within ?? text).trim()
  if (isMailAddress(address)) return { name: name.trim(), address }
  throw new Problem('configuration-invalid', {
    what: 'The sender of mail (smtp_from) is not a mail address.',
    remedy: 'Give an address like isotherm@hospital.example, or Isotherm <isotherm@hospital.example>.',
  })
}
