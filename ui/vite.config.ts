// How the UI is built, tested and served while it is being worked on.
import react from '@vitejs/plugin-react';
import { defineConfig, type PluginOption } from 'vite';
import { fakeApi } from './dev/fakeApi.ts';
import { precompress } from './scripts/precompress.ts';

const server = process.env['WAYMARK_URL'] ?? 'http://127.0.0.1:7070';
const plugins: PluginOption[] = [react(), precompress()];
if (process.env['FAKE_API']) plugins.push(fakeApi());

export default defineConfig({
  // Relative: the server states the path base in <base href>.
  base: './',
  plugins,
  build: {
    target: 'es2022',
    sourcemap: 'hidden',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1024,
  },
  server: {
    proxy: { '/api': server, '/v1': server },
  },
});
