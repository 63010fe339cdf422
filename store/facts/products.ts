import { act, openFact } from './act.ts'
import { checkId, checkText, checkWhole, optionalReason, refusal } from './checks.ts'
import type { CommandHandlers } from './command.ts'
import type { FactsReader } from './port.ts'
import { liveBy, present } from './rows.ts'

/** A lot number longer than this is not printed on a vial. */
const LOT_NUMBER_CHARACTERS_MAX = 64
/** Below liquid nitrogen and above boiling water no label allows anything, in milli-degrees Celsius. */
const RANGE_MIN_MILLI_C = -200_000
const RANGE_MAX_MILLI_C = 100_000
/** Less is no decay, J/mol. */
const ACTIVATION_ENERGY_MIN = 10_000
/** Beyond it the weights of a month are further apart than numbers can tell, J/mol. */
const ACTIVATION_ENERGY_MAX = 300_000
/** A GTIN has up to 14 digits, a trace code 20, of which at least 7 name the product. */
const CODE = /^\d{7,20}$/

/** Commands about what is kept cold. Products and lots are the same for all organisations. */
export const productCommands: CommandHandlers<'product.create' | 'lot.create'> = {
  'product.create': async ({ tx, actor }, input) => {
    const { id, name, nameEn = null, code = null, rangeMinMilliC, rangeMaxMilliC } = input
    checkId('product', id)
    checkText('name', name)
    if (nameEn !== null) checkText('English name', nameEn)
    checkRange(rangeMinMilliC, rangeMaxMilliC)
    const { activationJoulesPerMol = null } = input
    if (activationJoulesPerMol !== null) {
      const [what, least] = ['activation energy in J/mol', ACTIVATION_ENERGY_MIN]
      checkWhole(what, activationJoulesPerMol, least, ACTIVATION_ENERGY_MAX)
    }
    const reason = optionalReason(input.reason)
    if ((await present(tx, 'product', { id })) !== undefined) {
      throw refusal('already-exists', `There is a product ${id} already.`, 'Choose another id.')
    }
    if (code !== null) await checkCode(tx, code)
    const details = {
      id,
      code,
      rangeMinMilliC,
      rangeMaxMilliC,
      freezeSensitive: input.freezeSensitive ? 1 : 0,
      lightSensitive: input.lightSensitive ? 1 : 0,
      activationJoulesPerMol,
    } as const
    const subject = `product:${id}`
    const entry = await act(tx, { kind: 'product.create', actor, subject, reason, old: null, new: details })
    return openFact(entry, 'product', { ...details, name, nameEn })
  },

  'lot.create': async ({ tx, actor }, input) => {
    const { id, product, number, maker, expiresOn } = input
    checkId('lot', id)
    checkText('maker', maker)
    checkText('lot number', number)
    if (number.length > LOT_NUMBER_CHARACTERS_MAX) {
      throw refusal(
        'bad-request',
        `A lot number of ${number.length} characters is none.`,
        `Give the number as printed, at most ${LOT_NUMBER_CHARACTERS_MAX} characters.`,
      )
    }
    checkDate(expiresOn)
    const reason = optionalReason(input.reason)
    if ((await present(tx, 'product', { id: product })) === undefined) {
      throw refusal('not-found', `There is no product ${product}.`, 'Create it first, or correct the id.')
    }
    await checkLotFree(tx, input)
    const details = { id, product, expiresOn }
    const subject = `lot:${id}`
    const entry = await act(tx, { kind: 'lot.create', actor, subject, reason, old: null, new: details })
    return openFact(entry, 'lot', { ...details, number, maker })
  },
}

function checkRange(minMilliC: number, maxMilliC: number): void {
  checkWhole('lower end of the range in m°C', minMilliC, RANGE_MIN_MILLI_C, RANGE_MAX_MILLI_C)
  checkWhole('upper end of the range in m°C', maxMilliC, RANGE_MIN_MILLI_C, RANGE_MAX_MILLI_C)
  if (minMilliC < maxMilliC) return
  throw refusal(
    'bad-request',
    `The range from ${minMilliC} to ${maxMilliC} m°C is empty.`,
    'Give the lower end first.',
  )
}

async function checkCode(reader: FactsReader, code: string): Promise<void> {
  if (!CODE.test(code)) {
    throw refusal(
      'bad-request',
      'The code is neither a GTIN nor the beginning of a trace code.',
      'Give 7 to 20 digits.',
    )
  }
  const [taken] = await liveBy(reader, 'product', 'code', code)
  if (taken === undefined) return
  throw refusal('already-exists', `The code ${code} is that of product ${taken.id}.`, 'Correct the code.')
}

function checkDate(text: string): void {
  // what does not survive the way there and back is no day of the calendar
  const isDay = /^2\d{3}-\d{2}-\d{2}$/.test(text) && Number.isFinite(Date.parse(text))
  if (isDay && new Date(Date.parse(text)).toISOString().startsWith(text)) return
  throw refusal(
    'bad-request',
    `"${text.slice(0, 40)}" is not a day on which a lot expires.`,
    'Give it as YYYY-MM-DD.',
  )
}

async function checkLotFree(
  reader: FactsReader,
  { id, product, number, maker }: { id: string; product: string; number: string; maker: string },
): Promise<void> {
  if ((await present(reader, 'lot', { id })) !== undefined) {
    throw refusal('already-exists', `There is a lot ${id} already.`, 'Choose another id, or use that lot.')
  }
  const lots = await liveBy(reader, 'lot', 'product', product)
  const same = lots.find((lot) => lot.number === number && lot.maker === maker)
  if (same === undefined) return
  throw refusal(
    'already-exists',
    `This number of this product and maker is lot ${same.id} already.`,
    `Use the lot ${same.id}.`,
  )
}
