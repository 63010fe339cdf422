import { defineConfig } from 'vite'

/** Browsers that hospitals still have; `docs` of the page name the same ones. */
const FLOOR = ['chrome80', 'edge80', 'firefox78', 'safari14']

export default defineConfig({
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: FLOOR,
    cssTarget: FLOOR,
    outDir: '../../.runtime/page',
    emptyOutDir: true,
    // its polyfill would be a script in the document, which the content security policy forbids
    modulePreload: false,
    // data: addresses are for images alone
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
})
