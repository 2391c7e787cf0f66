import js from '@eslint/js';
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['labextension/lib/**', 'runtrack_jupyter/**', 'build/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ['labextension/**/*.{ts,tsx}'],
    plugins: { jupyter, 'react-hooks': hooks },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'interface', format: ['PascalCase'], custom: { regex: '^I[A-Z]', match: true } }
      ],
      // `namespace Private` is the house style of JupyterLab.
      '@typescript-eslint/no-namespace': 'off',
      curly: ['error', 'all'],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 400 }],
      'no-restricted-properties': [
        'error',
        {
          property: 'innerHTML',
          message: 'Messages, previews and file names are untrusted: use React.'
        },
        {
          property: 'outerHTML',
          message: 'Messages, previews and file names are untrusted: use React.'
        },
        {
          property: 'insertAdjacentHTML',
          message: 'Messages and previews are untrusted: use React.'
        }
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: 'Messages, previews and file names are untrusted.'
        }
      ],
      'prefer-arrow-callback': 'error',
      ...hooks.configs.recommended.rules
    }
  },
  {
    // A model has no DOM and knows no view; the pure parts are tested without a browser.
    files: ['labextension/src/model/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: ['**/views/**', '**/index', 'react', '@lumino/widgets'] }
      ]
    }
  },
  {
    // Plugins import the library, never the reverse.
    files: ['labextension/src/**'],
    ignores: ['labextension/src/index.ts', 'labextension/src/model/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['**/index'] }] }
  },
  prettier
);
