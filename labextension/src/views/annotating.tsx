/** What people say of a run: its message in place, labels, a star, notes. */

import { addIcon, closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IRunChange } from '../api';
import { starIcon } from '../icons';
import { fullTime, shortTime } from '../model/format';
import { labelText, parseLabel } from '../model/labels';
import type { IRun } from '../records';
import { Button, Icon, IconButton } from './parts';
import { useTrans } from './trans';

/** Says something of the run that is shown; resolves to false where that failed. */
export type Annotate = (change: IRunChange) => Promise<boolean>;

/** The message of a run as a field: Enter or a click elsewhere keeps it, Escape does not. */
export function MessageField(props: {
  readonly message: string;
  readonly placeholder: string;
  readonly onAccept: (message: string) => void;
  readonly onCancel: () => void;
}): React.JSX.Element {
  const trans = useTrans();
  const field = React.useRef<HTMLInputElement>(null);
  const done = React.useRef(false);
  React.useLayoutEffect(() => {
    field.current?.focus({ preventScroll: true });
    field.current?.select();
  }, []);
  const end = (message: string | null): void => {
    // The field loses the focus when it goes: that is no second answer.
    if (!done.current) {
      done.current = true;
      if (message === null || message.trim() === props.message) {
        props.onCancel();
      } else {
        props.onAccept(message.trim());
      }
    }
  };
  return (
    <input
      ref={field}
      className="rt-message"
      aria-label={trans.__('Message')}
      placeholder={props.placeholder}
      defaultValue={props.message}
      maxLength={1000}
      onClick={event => event.stopPropagation()}
      onDoubleClick={event => event.stopPropagation()}
      onBlur={event => end(event.target.value)}
      onKeyDown={event => {
        event.stopPropagation();
        if (event.key === 'Enter') {
          end(event.currentTarget.value);
        } else if (event.key === 'Escape') {
          end(null);
        }
      }}
    />
  );
}

interface IAboutRun {
  readonly run: IRun;
  readonly annotate: Annotate;
}

/** A star that is set or not. */
export function StarButton({ run, annotate }: IAboutRun): React.JSX.Element {
  const trans = useTrans();
  const starred = run.starred === true;
  return (
    <button
      type="button"
      className={starred ? 'rt-iconbtn rt-star rt-starred' : 'rt-iconbtn rt-star'}
      aria-pressed={starred}
      aria-label={trans.__('Star')}
      title={
        starred
          ? trans.__('Starred: kept when space is freed')
          : trans.__('Star: keep it when space is freed')
      }
      onClick={() => void annotate({ starred: !starred })}
    >
      <Icon icon={starIcon} size={16} />
    </button>
  );
}

/** The labels of a run, each with a button that takes it away. */
export function Labels({ run, annotate }: IAboutRun): React.JSX.Element {
  const trans = useTrans();
  return (
    <>
      {(run.labels ?? []).map(label => (
        <span key={label.name} className="rt-tag">
          {labelText(label)}
          <IconButton
            icon={closeIcon}
            label={trans.__('Remove the label %1', label.name)}
            onClick={() => void annotate({ labels: { [label.name]: null } })}
          />
        </span>
      ))}
    </>
  );
}

/** A field for one more label; it stays for the next one. */
export function LabelField(props: {
  readonly annotate: Annotate;
  readonly onClose: () => void;
}): React.JSX.Element {
  const trans = useTrans();
  const [text, setText] = React.useState('');
  const add = async (): Promise<void> => {
    const label = parseLabel(text);
    if (label === null) {
      props.onClose();
    } else if (await props.annotate({ labels: { [label.name]: label.value } })) {
      setText('');
    }
  };
  return (
    <div className="rt-field rt-label-field">
      <input
        autoFocus
        aria-label={trans.__('New label')}
        placeholder={trans.__('review, or kind: baseline')}
        value={text}
        maxLength={300}
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          event.stopPropagation();
          if (event.key === 'Enter') {
            void add();
          } else if (event.key === 'Escape') {
            props.onClose();
          }
        }}
      />
      <IconButton icon={addIcon} label={trans.__('Add the label')} onClick={() => void add()} />
    </div>
  );
}

/** What was written about a run, the oldest first. */
export function Notes({ run }: { readonly run: IRun }): React.JSX.Element | null {
  const trans = useTrans();
  const notes = run.notes ?? [];
  if (notes.length === 0) {
    return null;
  }
  return (
    <ul className="rt-notes" aria-label={trans.__('Notes')}>
      {notes.map((note, i) => (
        <li key={`${note.at}${i}`}>
          <span className="rt-note-text">{note.text}</span>
          <small className="rt-dim" title={fullTime(note.at)}>
            {[note.author, shortTime(note.at, trans)].filter(Boolean).join(', ')}
          </small>
        </li>
      ))}
    </ul>
  );
}

/** A field for one more note; notes are added, never changed. */
export function NoteField(props: {
  readonly annotate: Annotate;
  readonly onClose: () => void;
}): React.JSX.Element {
  const trans = useTrans();
  const [text, setText] = React.useState('');
  const add = async (): Promise<void> => {
    if (text.trim() !== '' && (await props.annotate({ note: text }))) {
      props.onClose();
    }
  };
  return (
    <div className="rt-note-field">
      <textarea
        autoFocus
        rows={3}
        maxLength={10000}
        aria-label={trans.__('New note')}
        placeholder={trans.__('What you want to remember of this run')}
        value={text}
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          event.stopPropagation();
          if (event.key === 'Escape') {
            props.onClose();
          } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            void add();
          }
        }}
      />
      <div className="rt-popover-foot">
        <kbd>{trans.__('Ctrl Enter')}</kbd>
        <Button primary label={trans.__('Add the note')} onClick={() => void add()} />
      </div>
    </div>
  );
}
