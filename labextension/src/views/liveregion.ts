/** One polite live region for the whole page: panels that are hidden cannot speak. */

/** Make the region and return what says a sentence in it. */
export function liveRegion(): (text: string) => void {
  const node = document.createElement('div');
  node.className = 'rt-live';
  node.setAttribute('role', 'status');
  node.setAttribute('aria-live', 'polite');
  node.id = 'runtrack-live';
  document.body.append(node);
  return text => {
    node.textContent = text;
  };
}
