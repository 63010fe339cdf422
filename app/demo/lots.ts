/** A lot of the demonstration and where its stock is when the history begins, in doses. */
export interface DemoLot {
  readonly id: string
  readonly product: string
  readonly number: string
  readonly maker: string
  /** Days from the first start until the last day of use; the expired one has a negative number. */
  readonly expiresInDays: number
  readonly stock: Readonly<Record<string, number>>
}

type Maker = 'A' | 'B' | 'C'

/**
 * Sixty invented lots: one expired, two near it, one in five places, two of one product in one refrigerator. The
 * makers do not exist, and the numbers only look like the ones on boxes.
 */
export const lots: readonly DemoLot[] = [
  lot('hepb', '202509A012', 'A', 690, {
    'depot-room-a': 12000,
    'cdc-room-1': 4200,
    'yundong-room': 900,
    'dongqiao-fridge-1': 120,
    'maternity-fridge': 60,
  }),
  lot('hepb', '202506A007', 'A', 590, { 'cdc-room-1': 1800, 'hubin-room': 500, 'guiyuan-combi-cold': 40 }),
  lot('hepb', '202511A003', 'A', 860, { 'depot-room-b': 9000 }),
  lot('hepb', '202404A021', 'A', 24, { 'dongqiao-fridge-1': 18 }),
  lot('hepb', '202311A002', 'A', -6, { 'hekou-ilr': 7 }),
  lot('bcg', 'C20251103-2', 'B', 520, { 'depot-room-b': 3000, 'maternity-fridge': 40 }),
  lot('bcg', 'C20250815-1', 'B', 430, { 'cdc-room-1': 800, 'yundong-room': 200 }),
  lot('bcg', 'C20250602-1', 'B', 300, { 'hubin-room': 120 }),
  lot('sipv', '2025100218', 'C', 610, { 'depot-room-a': 8000, 'cdc-room-1': 2600 }),
  lot('sipv', '2025080117', 'C', 540, {
    'yundong-room': 700,
    'dongqiao-fridge-1': 90,
    'dongqiao-desk-1': 12,
  }),
  lot('sipv', '2025060933', 'C', 470, { 'hubin-room': 600, 'guiyuan-combi-cold': 45 }),
  lot('sipv', '2025110402', 'C', 700, { 'depot-room-b': 6000 }),
  lot('sipv', '2025070225', 'C', 500, { 'hekou-ilr': 30 }),
  lot('bopv', 'F20250901', 'A', 480, { 'depot-freezer-room': 20000, 'cdc-freezer-room': 8000 }),
  lot('bopv', 'F20250612', 'A', 400, { 'yundong-freezer': 600, 'hubin-freezer': 500 }),
  lot('bopv', 'F20250318', 'A', 310, { 'cdc-freezer-room': 1500 }),
  lot('bopv', 'F20251022', 'A', 560, { 'depot-freezer-room': 12000 }),
  lot('dtap', '202508B004', 'B', 520, {
    'depot-room-a': 10000,
    'cdc-room-1': 3000,
    'yundong-room': 800,
    'dongqiao-fridge-2': 110,
    'dongqiao-desk-2': 14,
  }),
  lot('dtap', '202506B011', 'B', 450, { 'hubin-room': 700, 'guiyuan-combi-cold': 35 }),
  lot('dtap', '202510B002', 'B', 600, { 'depot-room-b': 7000 }),
  lot('dtap', '202505B019', 'B', 410, { 'hekou-ilr': 25 }),
  lot('dtap', '202504B006', 'B', 28, { 'guiyuan-fridge': 16 }),
  lot('mmr', '202509C031', 'C', 440, { 'depot-room-a': 6000, 'cdc-room-1': 2400 }),
  lot('mmr', '202507C018', 'C', 380, { 'yundong-room': 500, 'dongqiao-fridge-2': 80, 'dongqiao-desk-1': 10 }),
  lot('mmr', '202511C002', 'C', 520, { 'depot-room-b': 5000 }),
  lot('mmr', '202506C027', 'C', 350, { 'hubin-room': 400, 'guiyuan-fridge': 50 }),
  lot('mmr', '202505C009', 'C', 320, { 'hekou-ilr': 20 }),
  lot('je', 'J2025-0904', 'B', 450, { 'depot-room-a': 5000, 'cdc-room-1': 1600 }),
  lot('je', 'J2025-0711', 'B', 400, { 'yundong-room': 420, 'dongqiao-fridge-2': 60 }),
  lot('je', 'J2025-0520', 'B', 340, { 'hubin-room': 380, 'guiyuan-fridge': 40 }),
  lot('je', 'J2025-1102', 'B', 540, { 'depot-room-b': 4000 }),
  lot('hpv2', '202510A105', 'A', 900, { 'depot-room-b': 6000, 'adult-fridge': 180 }),
  lot('hpv2', '202508A098', 'A', 820, { 'cdc-room-1': 2000, 'yundong-room': 300, 'dongqiao-fridge-1': 60 }),
  lot('hpv2', '202506A087', 'A', 760, { 'hubin-room': 260, 'adult-fridge': 90 }),
  lot('hpv2', '202512A001', 'A', 890, { 'depot-room-a': 9000 }),
  lot('rabies', 'R20251008', 'C', 880, { 'depot-room-a': 8000, 'bite-fridge-1': 260 }),
  lot('rabies', 'R20250722', 'C', 800, { 'bite-fridge-1': 140, 'bite-fridge-2': 90 }),
  lot('rabies', 'R20250503', 'C', 720, { 'yundong-fridge': 200 }),
  lot('rabies', 'R20251115', 'C', 910, { 'depot-room-b': 3000 }),
  lot('flu4', '202508F201', 'B', 270, { 'depot-room-a': 20000, 'cdc-room-1': 5000 }),
  lot('flu4', '202508F214', 'B', 275, { 'yundong-room': 1500, 'mobile-fridge': 80, 'adult-fridge': 120 }),
  lot('flu4', '202509F230', 'B', 290, { 'depot-room-b': 15000 }),
  lot('flu4', '202508F219', 'B', 272, { 'hubin-room': 1200, 'guiyuan-fridge': 90, 'dongqiao-desk-3': 20 }),
  lot('flu4', '202509F241', 'B', 295, { 'hubin-ilr': 240, 'school-box-1': 60, 'school-box-2': 60 }),
  lot('ev71', 'E2025-1001', 'A', 620, { 'depot-room-a': 5000, 'cdc-room-1': 1400 }),
  lot('ev71', 'E2025-0803', 'A', 560, { 'yundong-room': 350, 'dongqiao-fridge-1': 50 }),
  lot('ev71', 'E2025-0609', 'A', 510, { 'hubin-room': 300, 'guiyuan-fridge': 30 }),
  lot('ev71', 'E2025-1106', 'A', 700, { 'depot-room-b': 4000 }),
  lot('pcv13', '202509P011', 'C', 640, { 'depot-room-a': 4000, 'cdc-room-2': 900 }),
  lot('pcv13', '202507P006', 'C', 580, { 'yundong-fridge': 180, 'dongqiao-fridge-2': 40 }),
  lot('pcv13', '202505P014', 'C', 520, { 'hubin-ilr': 90 }),
  lot('pcv13', '202511P003', 'C', 720, { 'depot-room-b': 3000 }),
  lot('varicella', 'V20251012', 'B', 430, { 'depot-room-a': 5000, 'cdc-room-1': 1500 }),
  lot('varicella', 'V20250819', 'B', 390, { 'yundong-room': 280, 'dongqiao-desk-2': 12 }),
  lot('varicella', 'V20250605', 'B', 330, { 'hubin-room': 240, 'guiyuan-fridge': 25 }),
  lot('zoster', '202510Z008', 'A', 860, { 'depot-room-a': 2000, 'adult-fridge': 60 }),
  lot('zoster', '202507Z004', 'A', 780, { 'depot-room-b': 800, 'adult-fridge': 35 }),
  lot('zoster', '202505Z002', 'A', 720, { 'cdc-room-2': 400 }),
  lot('zoster', '202511Z001', 'A', 910, { 'depot-packing': 300 }),
  lot('hepb', '202508A033', 'A', 650, { 'bite-fridge-2': 30, 'maternity-fridge': 45 }),
]

function lot(
  product: string,
  number: string,
  maker: Maker,
  expiresInDays: number,
  stock: DemoLot['stock'],
): DemoLot {
  return { id: `${product}-${number}`, product, number, maker: `演示厂家${maker}`, expiresInDays, stock }
}
