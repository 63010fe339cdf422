import { type Configuration, secretKeys } from './schema.ts'

/** Parts of a path this long are tokens rather than names. */
const PATH_TOKEN_CHARACTERS_MIN = 16

/** Every secret of the settings, and the parts of one that are told apart from it: what must not be shown anywhere. */
export function secretsOf(configuration: Configuration): readonly string[] {
  const { influx_user: user, influx_password: password } = configuration
  const values = [...secretKeys].flatMap((key) => {
    const value = configuration[key]
    return typeof value === 'string' ? [value, ...partsOf(value)] : []
  })
  if (user === undefined || password === undefined) return values
  // how HTTP carries the two
  return [...values, Buffer.from(`${user}:${password}`).toString('base64')]
}

/** Of an address: the password, the query with each of its values, and what looks like a token in the path. */
function partsOf(value: string): readonly string[] {
  const url = URL.parse(value)
  if (url === null || url.host === '') return []
  const { username, password, search, searchParams, pathname } = url
  return [
    url.href,
    password,
    decoded(password),
    `${username}:${password}`,
    // as the mail server is sent them
    Buffer.from(decoded(password)).toString('base64'),
    Buffer.from(`\0${decoded(username)}\0${decoded(password)}`).toString('base64'),
    search.slice(1),
    ...searchParams.values(),
    ...pathname.split('/').filter((part) => part.length >= PATH_TOKEN_CHARACTERS_MIN),
  ].filter((part) => part !== '' && part !== ':')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // nothing is lost: what cannot be decoded is used as it is
    return text
  }
}
