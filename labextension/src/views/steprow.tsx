/** A step in the list: execution count, first line of its source, flags, duration. */

import * as React from 'react';

import { countOf, duration } from '../model/format';
import { dataIcon, errorIcon, restoreIcon, warningIcon } from '../icons';
import type { IStep } from '../records';
import { CodeLine, Icon, IconButton } from './parts';
import { useHost } from './host';
import { useTrans } from './trans';

/** Seconds since `start`, counted by this page while the cell runs. */
export function Elapsed({ start }: { readonly start: string }): React.JSX.Element {
  const [now, setNow] = React.useState(Date.now());
  React.useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 500);
    return () => window.clearInterval(timer);
  }, []);
  const seconds = Math.max(0, (now - new Date(start).getTime()) / 1000);
  return <span className="rt-took rt-running">{duration(seconds)}</span>;
}

function StepFlags({ step }: { readonly step: IStep }): React.JSX.Element {
  const trans = useTrans();
  const files = (step.files ?? []).map(file => file.path).join(', ');
  const gaps = (step.gaps ?? []).map(gap => `${gap.subject}: ${gap.reason}`).join('\n');
  const failed = step.status === 'error' || step.status === 'died' || step.status === 'interrupted';
  const why =
    step.status === 'died'
      ? trans.__('The kernel died in this cell')
      : step.status === 'interrupted'
        ? trans.__('Interrupted')
        : step.error || trans.__('Ended in an error');
  return (
    <>
      {files && <Icon icon={dataIcon} size={12} label={files} />}
      {gaps && <Icon icon={warningIcon} size={12} tone="warn" label={gaps} />}
      {failed && <Icon icon={errorIcon} size={12} tone="bad" label={why} />}
    </>
  );
}

export function StepRow({ step }: { readonly step: IStep }): React.JSX.Element {
  const trans = useTrans();
  const host = useHost();
  const running = (step.status ?? 'running') === 'running';
  return (
    <div className="rt-row-body">
      <span className="rt-count">{countOf(step)}</span>
      <CodeLine source={step.source} />
      <StepFlags step={step} />
      {running ? (
        <Elapsed start={step.started_at} />
      ) : (
        <>
          <span className="rt-took">{duration(step.duration ?? 0)}</span>
          <span className="rt-row-actions">
            <IconButton
              icon={restoreIcon}
              label={trans.__('Restore this step…')}
              tabIndex={-1}
              onClick={() => host.restoreStep(step)}
            />
          </span>
        </>
      )}
    </div>
  );
}
