/** What stands where a secret was. */
const NOT_SHOWN = '(not shown)'

/**
 * Shorter texts are no secrets but parts of words: taking each `a` out of what is told would hide everything else and
 * tell the password all the same.
 */
const SECRET_CHARACTERS_MIN = 4

/** Forms in which secrets turn up that nobody has told us: what they look like, and what is left of them. */
const patterns: readonly { readonly pattern: RegExp; readonly shown: string }[] = [
  // user and password of an address
  { pattern: /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi, shown: `$1${NOT_SHOWN}@` },
  // the query of an address: some gateways take a token there
  { pattern: /\b([a-z][a-z0-9+.-]*:\/\/[^\s?#"'<>]*)\?[^\s"'<>]*/gi, shown: `$1?${NOT_SHOWN}` },
  // the same in an address without scheme and host
  {
    pattern: /([?&](?:[\w.-]*(?:token|secret|password|passwd|key|signature|auth)|u|p)=)[^\s&#"'<>]+/gi,
    shown: `$1${NOT_SHOWN}`,
  },
  { pattern: /\b(Basic|Bearer|Token) +[A-Za-z0-9._~+/=-]{8,}/gi, shown: `$1 ${NOT_SHOWN}` },
  // secrets of devices, keys and sessions; secrets of webhooks
  { pattern: /\b(is[dks]_|whsec_)[A-Za-z0-9+/=_-]{8,}/g, shown: `$1${NOT_SHOWN}` },
  {
    pattern: /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g,
    shown: `-----BEGIN $1----- ${NOT_SHOWN}`,
  },
]

/** Something every pattern needs to match, and ordinary lines do not have: it keeps them cheap. */
const MAYBE = /:\/\/|[?&][\w.-]+=|Basic |Bearer |Token |is[dks]_|whsec_|PRIVATE KEY/i

/**
 * Makes what takes secrets out of texts: those named, in every form in which programs repeat them (as they are, as part
 * of an address, inside JSON), and whatever looks like one.
 */
export function scrubber(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))]
    .filter((form) => form.length >= SECRET_CHARACTERS_MIN)
    // the longest first: one may be a part of another
    .toSorted((a, b) => b.length - a.length)
  return (text) => {
    let left = text
    for (const form of forms) if (left.includes(form)) left = left.replaceAll(form, NOT_SHOWN)
    if (!MAYBE.test(left)) return left
    for (const { pattern, shown } of patterns) left = left.replaceAll(pattern, shown)
    return left
  }
}

function formsOf(secret: string): readonly string[] {
  const inJson = JSON.stringify(secret).slice(1, -1)
  return [secret, inJson, encoded(secret), new URLSearchParams({ '': secret }).toString().slice(1)]
}

/** As part of an address; a lone half of a character has no such form. */
function encoded(secret: string): string {
  return secret.isWellFormed() ? encodeURIComponent(secret) : secret
}
