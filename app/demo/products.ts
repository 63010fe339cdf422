/** A product of the demonstration; degC, both ends included. */
export interface DemoProduct {
  readonly id: string
  readonly name: { readonly zh: string; readonly en: string }
  readonly rangeC: readonly [number, number]
  readonly freezeSensitive: boolean
  readonly lightSensitive: boolean
}

/** 2 to 8 degC: nearly every vaccine. */
const cold = [2, 8] as const
/** -20 degC or below; the lower end is what freezers reach. */
const frozen = [-50, -20] as const

/**
 * Fourteen vaccines by their generic names, with storage and sensitivities as they usually are on labels. They are for
 * show: whoever keeps vaccine reads the label of it.
 */
export const products: readonly DemoProduct[] = [
  product('hepb', cold, 'freeze', '重组乙型肝炎疫苗（酿酒酵母）', 'Hepatitis B vaccine, recombinant'),
  product('bcg', cold, 'light', '皮内注射用卡介苗', 'BCG vaccine, freeze-dried'),
  product('sipv', cold, 'both', 'Sabin株脊髓灰质炎灭活疫苗', 'Sabin inactivated poliovirus vaccine'),
  product('bopv', frozen, 'light', '口服脊髓灰质炎减毒活疫苗', 'Oral poliovirus vaccine, live'),
  product('dtap', cold, 'freeze', '吸附无细胞百白破联合疫苗', 'DTaP vaccine, adsorbed'),
  product('mmr', cold, 'light', '麻腮风联合减毒活疫苗', 'MMR vaccine, live'),
  product('je', cold, 'light', '乙型脑炎减毒活疫苗', 'Japanese encephalitis vaccine, live'),
  product('hpv2', cold, 'both', '双价人乳头瘤病毒疫苗', 'HPV vaccine, bivalent'),
  product('rabies', cold, 'light', '冻干人用狂犬病疫苗（Vero细胞）', 'Rabies vaccine, freeze-dried'),
  product('flu4', cold, 'both', '四价流感病毒裂解疫苗', 'Influenza vaccine, quadrivalent'),
  product('ev71', cold, 'both', '肠道病毒71型灭活疫苗', 'Enterovirus 71 vaccine, inactivated'),
  product('pcv13', cold, 'freeze', '13价肺炎球菌多糖结合疫苗', 'Pneumococcal conjugate vaccine, 13-valent'),
  product('varicella', cold, 'light', '水痘减毒活疫苗', 'Varicella vaccine, live'),
  product('zoster', cold, 'both', '重组带状疱疹疫苗（CHO细胞）', 'Zoster vaccine, recombinant'),
]

function product(
  id: string,
  rangeC: readonly [number, number],
  sensitive: 'freeze' | 'light' | 'both',
  zh: string,
  en: string,
): DemoProduct {
  const name = { zh, en }
  return { id, name, rangeC, freezeSensitive: sensitive !== 'light', lightSensitive: sensitive !== 'freeze' }
}
