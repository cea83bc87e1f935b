// What the trace page takes from here.
export { Waterfall, type WaterfallProps } from './Waterfall';
