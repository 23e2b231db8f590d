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

const given = new Map<string, string>();

function hashOf(id: string): number {
  let hash = 7;
  for (let i = 0; i < id.length; i += 1) hash = (hash * 31 + id.charCodeAt(i)) >>> 0;
  return hash;
}

/**
 * A name for a tab's random id, the same in every tab: people tell words apart, not ids. Of two
 * tabs with one name the later is `Fir 2`.
 */
export function tabName(id: string): string {
  const known = given.get(id);
  if (known) return known;
  const word = NAMES[hashOf(id) % NAMES.length] ?? 'Tab';
  const names = new Set(given.values());
  let name: string = word;
  for (let i = 2; names.has(name); i += 1) name = `${word} ${i}`;
  given.set(id, name);
  return name;
}
