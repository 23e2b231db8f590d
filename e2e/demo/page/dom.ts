/** The element with this id; the page is broken without it, so its absence is an error. */
export function byId<T extends Element>(id: string, type: abstract new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new TypeError(`#${id} is missing or not a ${type.name}`);
  return element;
}

/**
 * Sets text only where it changed: an unchanged live region stays silent, and nothing is laid out
 * again.
 */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets a `data-` attribute only where it changed. */
export function setData(element: HTMLElement | SVGElement, name: string, value: string): void {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}
