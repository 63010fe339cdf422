import { Problem } from '../../domain/index.ts'

/** The core has told nothing yet. */
export function notReady(): Problem {
  return new Problem('core-unavailable', {
    what: 'The server has not yet learnt what is newest.',
    remedy: 'Try again in a moment; if it stays, check that the core is running.',
  })
}

/** A right is missing, or missing there. */
export function notAllowed(): Problem {
  return new Problem('not-allowed', {
    what: 'A live stream shows readings, findings and incidents, and your roles do not let you read all of them there.',
    remedy: 'Ask an administrator of the organisation for a role that carries these three rights.',
  })
}

/** More streams than there may be. */
export function tooMany(most: number, whose: string): Problem {
  return new Problem('too-many-requests', {
    what: `${most} live streams of ${whose} are open, and that is as many as there may be.`,
    remedy: 'Close a page that shows one, or let several displays share one stream; then try again.',
  })
}
