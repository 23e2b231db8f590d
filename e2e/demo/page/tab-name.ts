const NAMES = [
  'Alder',
  'Aspen',
  'Beech',
  'Birch',
  'Cedar',
  'Clover',
  'Elder',
  'Fern',
  'Fir',
  'Hazel',
  'Heather',
  'Holly',
  'Iris',
  'Ivy',
  'Juniper',
  'Larch',
  'Laurel',
  'Lilac',
  'Linden',
  'Maple',
  'Moss',
  'Myrtle',
  'Oak',
  'Olive',
  'Pine',
  'Poplar',
  'Reed',
  'Rowan',
  'Sage',
  'Sorrel',
  'Thyme',
  'Willow',
] as const;

/** A name for a tab's random id, the same in every tab: people tell words apart, not ids. */
export function tabName(id: string): string {
  let hash = 7;
  for (let i = 0; i < id.length; i += 1) hash = (hash * 31 + id.charCodeAt(i)) >>> 0;
  return NAMES[hash % NAMES.length] ?? 'Tab';
}
