/** One cell of the past: code to read, outputs as they were shown, nothing of it trusted. */

import type { EditorLanguageRegistry } from '@jupyterlab/codemirror';
import type * as nbformat from '@jupyterlab/nbformat';
import { OutputAreaModel, SimplifiedOutputArea } from '@jupyterlab/outputarea';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

export interface IRendering {
  readonly rendermime: IRenderMimeRegistry;
  readonly languages: EditorLanguageRegistry | null;
  /** The MIME type or name of the notebook's language. */
  readonly language: string;
}

export const RenderingContext = React.createContext<IRendering | null>(null);

function useRendering(): IRendering {
  const rendering = React.useContext(RenderingContext);
  if (rendering === null) {
    throw new Error('no rendering around this view');
  }
  return rendering;
}

/** Keep a widget in a node of React's for as long as the node lives. */
function useWidget(
  make: () => Widget,
  changes: readonly unknown[]
): React.RefObject<HTMLDivElement> {
  const host = React.useRef<HTMLDivElement>(null);
  React.useLayoutEffect(() => {
    if (host.current === null) {
      return undefined;
    }
    const widget = make();
    Widget.attach(widget, host.current);
    return () => {
      if (widget.isAttached) {
        // The node may have left the page already, which `Widget.detach` does not allow.
        MessageLoop.sendMessage(widget, Widget.Msg.BeforeDetach);
        widget.node.remove();
        MessageLoop.sendMessage(widget, Widget.Msg.AfterDetach);
      }
      widget.dispose();
    };
    // The caller names what the widget is made from.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, changes);
  return host;
}

export function Outputs({ outputs }: { readonly outputs: readonly nbformat.IOutput[] }) {
  const { rendermime } = useRendering();
  const host = useWidget(
    () =>
      new SimplifiedOutputArea({
        model: new OutputAreaModel({ values: [...outputs], trusted: false }),
        rendermime
      }),
    [outputs, rendermime]
  );
  return <div className="rt-outputs" ref={host} />;
}

export function Markdown({ source }: { readonly source: string }): React.JSX.Element {
  const { rendermime } = useRendering();
  const host = useWidget(() => {
    const renderer = rendermime.createRenderer('text/markdown');
    const model = rendermime.createModel({ data: { 'text/markdown': source }, trusted: false });
    void renderer.renderModel(model);
    return renderer;
  }, [source, rendermime]);
  return <div className="rt-markdown" ref={host} />;
}

/** Source with the editor's colours, without an editor. */
export function Code({ source }: { readonly source: string }): React.JSX.Element {
  const { languages, language } = useRendering();
  const host = React.useRef<HTMLPreElement>(null);
  React.useLayoutEffect(() => {
    const node = host.current;
    const known = languages?.findBest(language) ?? null;
    if (node === null || languages === null || known === null) {
      return;
    }
    // Coloured aside, so that a slow parser never leaves the cell empty.
    const coloured = document.createElement('pre');
    void languages.highlight(source, known, coloured).then(() => {
      if (node.isConnected) {
        node.replaceChildren(...Array.from(coloured.childNodes));
      }
    });
  }, [source, languages, language]);
  return (
    <pre className="rt-code" ref={host} key={source}>
      {source}
    </pre>
  );
}

/** Cells far from the view are a grey box of about their height until they come near. */
export function Near(props: {
  readonly lines: number;
  readonly children: React.ReactNode;
}): React.JSX.Element {
  const node = React.useRef<HTMLDivElement>(null);
  const [near, setNear] = React.useState(false);
  React.useEffect(() => {
    if (node.current === null || near) {
      return undefined;
    }
    const observer = new IntersectionObserver(
      entries => {
        if (entries.some(entry => entry.isIntersecting)) {
          setNear(true);
        }
      },
      { rootMargin: '800px 0px' }
    );
    observer.observe(node.current);
    return () => observer.disconnect();
  }, [near]);
  const style = near ? undefined : { minHeight: props.lines * 17 + 24 };
  return (
    <div ref={node} style={style}>
      {near && props.children}
    </div>
  );
}

export interface ICellProps {
  readonly count: string;
  readonly source: string;
  readonly outputs: readonly nbformat.IOutput[];
  /** A line above the outputs: the error of a step that failed. */
  readonly note?: string;
}

export function CodeCell({ count, source, outputs, note }: ICellProps): React.JSX.Element {
  return (
    <Near lines={source.split('\n').length}>
      <div className="rt-cell">
        <span className="rt-prompt">{count}</span>
        <Code source={source} />
        {(outputs.length > 0 || note) && (
          <div className="rt-cell-out">
            {note && <div className="rt-bad">{note}</div>}
            {outputs.length > 0 && <Outputs outputs={outputs} />}
          </div>
        )}
      </div>
    </Near>
  );
}
