import { catalogue, zoneOf } from './catalogue.ts'
import { nameOf, words } from './language.ts'
import { serverNowMs } from './live.ts'
import { printedDay } from './print.ts'
import { sorted } from './sorted.ts'

/** Days before the last day of use from which a lot is to be used first. */
const NEAR_EXPIRY_DAYS = 30

/** What lies in a place now, what expires first first. */
export function LotsInside({ place }: { readonly place: string }) {
  const known = catalogue.value
  const zone = zoneOf(place)
  const today = printedDay(serverNowMs.value, zone)
  const soon = printedDay(serverNowMs.value + NEAR_EXPIRY_DAYS * 86_400_000, zone)
  const inside = (known?.stock ?? [])
    .filter((each) => each.place === place)
    .map(({ lot, quantity }) => {
      const is = known?.lots.get(lot)
      return { lot, quantity, is, product: known?.products.get(is?.product ?? '') }
    })
  const rows = sorted(inside, (a, b) => ((a.is?.expiresOn ?? '') < (b.is?.expiresOn ?? '') ? -1 : 1))
  const mark = (day: string | undefined): string | undefined => {
    if (day === undefined || day > soon) return undefined
    return day < today ? words.value.expired : words.value.nearExpiry
  }
  return (
    <section class="panel">
      <h2>{words.value.stock}</h2>
      {rows.length === 0 ? <p class="empty">{words.value.nothingInside}</p> : null}
      {rows.length === 0 ? null : (
        <table class="lots-table">
          <thead>
            <tr>
              <th>{words.value.vaccine}</th>
              <th>{words.value.lotNumber}</th>
              <th>{words.value.expiry}</th>
              <th class="right">{words.value.quantity}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ lot, quantity, is, product }) => (
              <tr key={lot}>
                <td>
                  {product === undefined ? '' : nameOf(product)}
                  {product?.freezeSensitive === true ? (
                    <span class="tag tag-freeze">{words.value.freezeSensitive}</span>
                  ) : null}
                </td>
                <td class="nowrap">{is?.number ?? lot}</td>
                <td class="nowrap">
                  {is?.expiresOn}
                  {mark(is?.expiresOn) === undefined ? null : <span class="tag">{mark(is?.expiresOn)}</span>}
                </td>
                <td class="right">{quantity.toLocaleString('en')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
