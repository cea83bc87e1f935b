// The waterfall's keyboard map.
import { useKeys } from '../../../keys/keys';
import type { Actions } from './actions';

const SMALL = 0.1;
const LARGE = 0.5;
const ZOOM = 1.4;
const ZOOM_LARGE = 4;

export function useWaterfallKeys(actions: Actions): void {
  useKeys('Waterfall', [
    { keys: 'j | ArrowDown', label: 'Next row', run: (event) => actions.moveBy(1, event.repeat) },
    { keys: 'k | ArrowUp', label: 'Previous row', run: (event) => actions.moveBy(-1, event.repeat) },
    { keys: 'ArrowRight', label: 'Expand, or first child', run: actions.right },
    { keys: 'ArrowLeft', label: 'Collapse, or parent', run: actions.left },
    { keys: 'Home', label: 'First row', run: actions.first },
    { keys: 'End', label: 'Last row', run: actions.last },
    { keys: 'PageDown', label: 'A page down', run: (event) => actions.page(1, event.repeat) },
    { keys: 'PageUp', label: 'A page up', run: (event) => actions.page(-1, event.repeat) },
    { keys: 'Enter', label: 'Details of the span', run: actions.enter },
    { keys: '[', label: 'Collapse all', run: () => actions.fold(0) },
    { keys: ']', label: 'Expand all', run: () => actions.fold('none') },
    { keys: 'o', label: 'One level further in', run: () => actions.level(1) },
    { keys: 'O', label: 'One level out', run: () => actions.level(-1) },
    { keys: 'f', label: 'Only this subtree, or all again', run: actions.focusSubtree },
    { keys: '0', label: 'Reset zoom', run: actions.resetZoom },
    { keys: 'w', label: 'Zoom in', run: () => actions.zoom(1 / ZOOM) },
    { keys: 's', label: 'Zoom out', run: () => actions.zoom(ZOOM) },
    { keys: 'W', label: 'Zoom in a lot', run: () => actions.zoom(1 / ZOOM_LARGE) },
    { keys: 'S', label: 'Zoom out a lot', run: () => actions.zoom(ZOOM_LARGE) },
    { keys: 'a', label: 'Pan left', run: () => actions.pan(-SMALL) },
    { keys: 'd', label: 'Pan right', run: () => actions.pan(SMALL) },
    { keys: 'A', label: 'Pan left a lot', run: () => actions.pan(-LARGE) },
    { keys: 'D', label: 'Pan right a lot', run: () => actions.pan(LARGE) },
    { keys: 'z', label: 'Zoom to the span', run: () => actions.zoomToSpan() },
    { keys: 'n', label: 'Next match', run: () => actions.match(1) },
    { keys: 'N', label: 'Previous match', run: () => actions.match(-1) },
    { keys: 'e', label: 'Next error', run: () => actions.error(1) },
    { keys: 'E', label: 'Previous error', run: () => actions.error(-1) },
    { keys: 'b', label: 'Bottleneck', run: actions.bottleneck },
    { keys: '.', label: 'Next piece of the critical path', run: () => actions.segment(1) },
    { keys: ',', label: 'Previous piece of the critical path', run: () => actions.segment(-1) },
  ]);
}
