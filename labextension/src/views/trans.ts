/** The translation bundle, for every view of one tree. */

import { nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { createContext, useContext } from 'react';

export const TransContext = createContext<TranslationBundle>(nullTranslator.load('runtrack'));

export function useTrans(): TranslationBundle {
  return useContext(TransContext);
}
